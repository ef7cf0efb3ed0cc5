import { makeWarehouse } from '../load/warehouse.js';
import type { Warehouse } from '../warehouse.js';
import { openPool } from './database.js';
import { REDSHIFT } from './dialect.js';
import { migrate } from './migrate.js';

/** Number of connections of one worker. Its loading activities run in parallel, each on one connection. */
const POOL_SIZE = 12;

/**
 * Open the warehouse in a Redshift database.
 *
 * @param url connection string of the owner, `redshift://…`
 * @param iamRole ARN of the role with which Redshift reads and writes the flat store on S3
 */
export function openRedshiftWarehouse(url: string, iamRole: string): Warehouse {
  const pool = openPool(url, POOL_SIZE);
  return makeWarehouse(REDSHIFT, pool, { migrate: () => migrate(pool), iamRole });
}
