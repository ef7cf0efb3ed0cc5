import type pg from 'pg';
import { inTransaction } from '../connection.js';
import { readPending } from '../migrations.js';
import { LAST_MIGRATION_WITH_ROWS, storesRows } from './form.js';
import { makeLocks, takeLock } from './locks.js';

/** Table of the applied migrations. Earlier releases created the table with Postgrator. */
const APPLIED = 'public.schema_version';

const CREATE_APPLIED = `
  create schema if not exists public;
  create table if not exists ${APPLIED} (version bigint primary key, name text, md5 text, run_at timestamptz)`;

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
 * @throws Error when the file of an applied migration has changed
 */
export async function runMigrations(client: pg.PoolClient, last = Infinity): Promise<void> {
  await client.query(CREATE_APPLIED);
  const { rows } = await client.query<{ version: number; md5: string | null }>(
    `select version::int, md5 from ${APPLIED}`,
  );
  const applied = new Map(rows.map(({ version, md5 }) => [version, md5]));
  for (const { version, name, sql, digest } of await readPending('postgres', applied)) {
    if (version > last) return;
    await client.query(sql);
    await client.query(`insert into ${APPLIED} (version, name, md5, run_at) values ($1, $2, $3, now())`, [
      version,
      name,
      digest,
    ]);
  }
}
