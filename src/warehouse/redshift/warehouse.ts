import { makeWarehouse } from '../load/warehouse.js';
import type { Warehouse } from '../warehouse.js';
import { openPool } from './database.js';
import { REDSHIFT } from './dialect.js';
import { migrate } from './migrate.js';

/** Connections of one worker: its loading activities run at once, each on one. */
const POOL_SIZE = 12;

/**
 * Opens the warehouse in a Redshift database, by the connection string of its owner, `redshift://…`.
 *
 * @param iamRole ARN of the role that Redshift reads and writes the flat store on S3 with
 */
export function openRedshiftWarehouse(url: string, iamRole: string): Warehouse {
  const pool = openPool(url, POOL_SIZE);
  return makeWarehouse(REDSHIFT, pool, { migrate: () => migrate(pool), iamRole });
}
