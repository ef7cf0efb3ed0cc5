import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import Postgrator from 'postgrator';
import { inTransaction } from './database.js';

/** The advisory lock that one migration holds at a time: the word "migrate" in ASCII. */
const MIGRATION_LOCK = 0x6d6967;

/** From src/ and from dist/ alike. */
const MIGRATIONS = fileURLToPath(new URL('../../../sql/postgres/*.sql', import.meta.url));

/** Runs the migrations in sql/postgres that this database has not seen. Two at once wait for each other. */
export async function migrate(pool: pg.Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockMigrations(client);
    await runMigrations(client);
  });
}

/** Lets the other migrations of this transaction's database wait until it ends. */
export async function lockMigrations(client: pg.PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
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
