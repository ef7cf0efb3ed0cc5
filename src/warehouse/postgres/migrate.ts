import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import Postgrator from 'postgrator';
import { inTransaction } from '../connection.js';
import { LAST_MIGRATION_WITH_ROWS, storesRows } from './form.js';
import { makeLocks, takeLock } from './locks.js';
import { packageUrl } from '../../runtime/paths.js';

const MIGRATIONS = fileURLToPath(packageUrl('sql/postgres/*.sql'));

/**
 * Runs the migrations in sql/postgres that this database has not seen. Two at once wait for each other. A warehouse with
 * days that stores facts as rows is brought to {@link LAST_MIGRATION_WITH_ROWS}, so that it stays readable as it is.
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  await makeLocks(pool);
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    await runMigrations(client, (await storesRows(client)) ? LAST_MIGRATION_WITH_ROWS : undefined);
  });
}

/**
 * Runs the migrations that the schemas public, ops and observation have not seen. Call in a transaction.
 *
 * @param last the number of the last one to run; all by default
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
