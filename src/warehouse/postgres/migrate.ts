import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import Postgrator from 'postgrator';
import { inTransaction } from '../connection.js';
import { LAST_MIGRATION_WITH_ROWS, storesRows } from './form.js';
import { makeLocks, takeLock } from './locks.js';
import { packageUrl } from '../../runtime/paths.js';

const MIGRATIONS = fileURLToPath(packageUrl('sql/postgres/*.sql'));

/**
 * Apply the pending migrations in sql/postgres. Parallel calls wait for each other. A warehouse with days that stores
 * facts as rows is migrated to {@link LAST_MIGRATION_WITH_ROWS} only, so that it stays readable.
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  await makeLocks(pool);
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    await runMigrations(client, (await storesRows(client)) ? LAST_MIGRATION_WITH_ROWS : undefined);
  });
}

/**
 * Apply the pending migrations to the schemas `public`, `ops` and `observation`. Call in a transaction.
 *
 * @param last number of the last migration to apply; all by default
 */
export async function runMigrations(client: pg.PoolClient, last?: number): Promise<void> {
  const postgrator = new Postgrator({
    migrationPattern: MIGRATIONS,
    driver: 'pg',
    schemaTable: 'public.schema_version',
    validateChecksums: true,
    execQuery: (query) => client.query(query),
    execSqlScript: async (script) => {
      await client.query(script);
    },
  });
  await postgrator.migrate(last?.toString());
}
