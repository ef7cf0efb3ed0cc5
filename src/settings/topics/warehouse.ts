import { topic } from '../setting.js';
import { roleArn, warehouseUrl } from '../types/address.js';

export const WAREHOUSE = topic('Warehouse', {
  url: {
    name: 'DATABASE_URL',
    type: warehouseUrl(
      'a connection string that begins with postgres://, or redshift://user:password@host:5439/database',
    ),
    unset: 'a local Postgres',
    about: 'The connection string of the warehouse, on Postgres or Redshift.',
    isCommon: true,
  },
  redshiftIamRole: {
    name: 'LADEPULS_REDSHIFT_IAM_ROLE',
    type: roleArn,
    unset: 'none; a warehouse on Redshift needs one',
    about: 'The ARN of the role by which Redshift reads and writes the flat store.',
  },
});
