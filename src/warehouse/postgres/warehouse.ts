import { makeWarehouse } from '../load/warehouse.js';
import type { Warehouse } from '../warehouse.js';
import { openPool } from './database.js';
import { POSTGRES } from './dialect.js';
import { migrate } from './migrate.js';
import { limitReaders, type ReaderLimits } from './readerLimits.js';

/** Connections of one worker: its loading activities run at once, most on one, checks on several. */
const POOL_SIZE = 16;

/**
 * Opens the warehouse in a Postgres database, by the connection string of its owner.
 * @param limits what readers get when it is migrated; by default what they had
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
