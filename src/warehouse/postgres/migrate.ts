import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import Postgrator from 'postgrator';

/** The advisory lock that one migration holds at a time: the word "migrate" in ASCII. */
const MIGRATION_LOCK = 0x6d6967;

/** From src/ and from dist/ alike. */
const MIGRATIONS = fileURLToPath(new URL('../../../sql/postgres/*.sql', import.meta.url));

/** Runs the migrations in sql/postgres that this database has not seen. Two at once wait for each other. */
export async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const postgrator = new Postgrator({
      migrationPattern: MIGRATIONS,
      driver: 'pg',
      schemaTable: 'public.schema_version',
      validateChecksums: true,
      execQuery: (query) => client.query(query),
      execSqlScript: async (script) => {
        await client.query(`begin; ${script}; commit`);
      },
    });
    await postgrator.migrate();
  } finally {
    // Ending the session gives the lock back, also where a failed migration left a transaction open.
    client.release(true);
  }
}
