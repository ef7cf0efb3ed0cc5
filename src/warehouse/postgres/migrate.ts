import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import Postgrator from 'postgrator';
import { inTransaction } from './database.js';
import { makeLocks, takeLock } from './locks.js';

/** From src/ and from dist/ alike. */
const MIGRATIONS = fileURLToPath(new URL('../../../sql/postgres/*.sql', import.meta.url));

/** Runs the migrations in sql/postgres that this database has not seen. Two at once wait for each other. */
export async function migrate(pool: pg.Pool): Promise<void> {
  await makeLocks(pool);
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    await runMigrations(client);
  });
}

/** Runs the migrations that the schemas public, ops and observation have not seen. Call in a transaction. */
export async function runMigrations(client: pg.PoolClient): Promise<void> {
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
  await postgrator.migrate();
}
