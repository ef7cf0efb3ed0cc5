import { openRedshiftWarehouse } from '../../../../src/warehouse/redshift/warehouse.js';
import { prepareStandIn, startStandIn } from './standIn.js';

/** Create the empty warehouse in an empty Postgres database, as a stand-in for Redshift has it. */
export async function migrateStandIn(databaseUrl: string): Promise<void> {
  const iamRole = 'migrations copy nothing';
  await prepareStandIn(databaseUrl);
  const openBucket = (name: string): never => {
    throw new Error(`a migration asks for the bucket ${name}`);
  };
  const standIn = await startStandIn(databaseUrl, { iamRole, openBucket });
  const warehouse = openRedshiftWarehouse(standIn.url, iamRole);
  await warehouse.migrate();
  await warehouse.close();
  await standIn.stop();
}
