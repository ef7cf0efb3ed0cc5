import type pg from 'pg';
import { inTransaction } from '../connection.js';
import { readPending } from '../migrations.js';
import { LAST_MIGRATION_WITH_ROWS, storesRows } from './form.js';
import { makeLocks, takeLock } from './locks.js';

/** The migrations that the schemas public, ops and observation have seen. The table stays in schema public when that is renamed. */
const DONE = 'public.schema_version';

const MAKE_DONE = `
  create schema if not exists public;
  create table if not exists ${DONE} (version bigint primary key, name text, md5 text, run_at timestamptz)`;

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
 * @throws Error where a migration that they have seen was changed
 */
export async function runMigrations(client: pg.PoolClient, last = Infinity): Promise<void> {
  await client.query(MAKE_DONE);
  const { rows } = await client.query<{ version: number; md5: string | null }>(
    `select version::int, md5 from ${DONE}`,
  );
  const seen = new Map(rows.map(({ version, md5 }) => [version, md5]));
  for (const { version, name, text, digest } of await readPending('postgres', 'md5', seen)) {
    if (version > last) return;
    await client.query(text);
    await client.query(`insert into ${DONE} (version, name, md5, run_at) values ($1, $2, $3, now())`, [
      version,
      name,
      digest,
    ]);
  }
}
