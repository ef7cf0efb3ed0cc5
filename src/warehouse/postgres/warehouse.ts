import { makeWarehouse } from '../load/warehouse.js';
import type { Warehouse } from '../warehouse.js';
import { openPool } from './database.js';
import { POSTGRES } from './dialect.js';
import { migrate } from './migrate.js';
import { limitReaders, type ReaderLimits } from './readerLimits.js';

/**
 * Number of connections of one worker. Its loading activities run in parallel; most use one connection, checks use
 * several.
 */
const POOL_SIZE = 16;

/**
 * Open the warehouse in a Postgres database.
 *
 * @param url connection string of the owner
 * @param limits limits that readers get when the warehouse is migrated; unchanged by default
 */
export function openPostgresWarehouse(url: string, limits?: ReaderLimits): Warehouse {
  const pool = openPool(url, POOL_SIZE);
  return makeWarehouse(POSTGRES, pool, {
    migrate: async () => {
      await migrate(pool);
      if (limits) await limitReaders(pool, limits);
    },
  });
}
