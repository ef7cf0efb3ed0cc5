import type pg from 'pg';
import { inTransaction } from '../connection.js';
import type { Rebuilding } from '../load/dialect.js';
import { copyArchivedDays } from '../load/rebuild.js';
import type { Schemas } from '../load/schemas.js';
import { LoadRefused } from '../warehouse.js';
import { limitStatements, takeLock } from './database.js';
import { adoptRebuilt, forgetRebuilt, migrateRebuilt } from './migrate.js';
import { PUBLISHED, REBUILT, REPLACED, WAREHOUSES } from './schemas.js';

/**
 * Longest wait of the exchange and of dropping tables for reading transactions, in milliseconds. New readers queue
 * behind them.
 */
const EXCHANGE_WAIT_MS = 10_000;
const KINDS = ['warehouse', 'ops'] as const;

export const REDSHIFT_REBUILDING: Rebuilding = {
  name: rebuildOf,
  begin: beginRebuild,
  exchange: exchangeSchemas,
  finish: () => Promise.resolve(),
  discard,
  dropReplaced: (pool) => inTransaction(pool, (client) => dropSchemas(client, REPLACED)),
  // The list is always empty, because a rebuild is refused if it would lose objects that depend on the tables.
  notRecreated: () => Promise.resolve({ found: [], total: 0 }),
};

/**
 * Create an empty warehouse beside the published one, for this rebuild, and drop the remains of another rebuild.
 * Idempotent. The tables are created like the published ones, including distribution and sort keys, and then migrated.
 *
 * @throws LoadRefused when views of other people depend on the published tables
 */
async function beginRebuild(pool: pg.Pool, rebuild: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    if ((await rebuildOf(client)) === rebuild) return;
    await refuseForeignViews(client);
    for (const left of [REBUILT, REPLACED]) await dropSchemas(client, left);
    for (const kind of KINDS) await client.query(`create schema ${REBUILT[kind]}`);
    for (const { kind, name } of await tablesOf(client, PUBLISHED))
      await client.query(
        `create table ${REBUILT[kind]}."${name}" (like ${PUBLISHED[kind]}."${name}" including defaults)`,
      );
    await copyArchivedDays(client, WAREHOUSES);
    await migrateRebuilt(client);
    await client.query('delete from ladepuls.rebuild');
    await client.query('insert into ladepuls.rebuild (name) values ($1)', [rebuild]);
  });
}

/** Return the name of the rebuild whose tables exist beside the published tables; null if there are none. */
async function rebuildOf(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ name: string }>('select name from ladepuls.rebuild');
  return rows[0]?.name ?? null;
}

async function tablesOf(
  client: pg.PoolClient,
  schemas: Schemas,
): Promise<{ kind: (typeof KINDS)[number]; name: string }[]> {
  const found = [];
  for (const kind of KINDS) {
    const { rows } = await client.query<{ name: string }>(
      'select tablename as name from pg_tables where schemaname = $1 order by tablename',
      [schemas[kind]],
    );
    found.push(...rows.map(({ name }) => ({ kind, name })));
  }
  return found;
}

/**
 * Check that no views of other people depend on the published tables. Such views would continue to read the replaced
 * tables, and be dropped with them. Late-binding views depend on no table.
 *
 * @throws LoadRefused when such views exist
 */
async function refuseForeignViews(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ view: string }>(
    `select distinct space.nspname || '.' || view.relname as view
     from pg_depend depend
     join pg_rewrite rewrite on rewrite.oid = depend.objid
     join pg_class view on view.oid = rewrite.ev_class
     join pg_namespace space on space.oid = view.relnamespace
     join pg_class target on target.oid = depend.refobjid
     join pg_namespace target_space on target_space.oid = target.relnamespace
     where target_space.nspname in ('${PUBLISHED.warehouse}', '${PUBLISHED.ops}') and target.relkind = 'r'
     order by 1`,
  );
  if (rows.length === 0) return;
  const views = rows.map(({ view }) => view).join(', ');
  throw new LoadRefused(
    `the warehouse is not rebuilt, because these views depend on tables that a rebuild replaces: ${views}. ` +
      'Create the views again WITH NO SCHEMA BINDING, or drop them. Then run "ladepuls rebuild" again.',
  );
}

/**
 * Exchange the names of the schemas.
 *
 * @throws LoadRefused when views of other people depend on the published tables
 */
async function exchangeSchemas(client: pg.PoolClient): Promise<void> {
  await refuseForeignViews(client);
  await limitStatements(client, EXCHANGE_WAIT_MS);
  for (const [from, to] of [
    [PUBLISHED, REPLACED],
    [REBUILT, PUBLISHED],
  ] as const)
    for (const kind of KINDS) await client.query(`alter schema ${from[kind]} rename to ${to[kind]}`);
  await adoptRebuilt(client);
  await client.query('delete from ladepuls.rebuild');
}

async function discard(pool: pg.Pool, rebuild: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    if ((await rebuildOf(client)) !== rebuild) return;
    await dropSchemas(client, REBUILT);
    await forgetRebuilt(client);
    await client.query('delete from ladepuls.rebuild');
  });
}

async function dropSchemas(client: pg.PoolClient, schemas: Schemas): Promise<void> {
  await limitStatements(client, EXCHANGE_WAIT_MS);
  for (const kind of KINDS) await client.query(`drop schema if exists ${schemas[kind]} cascade`);
  await limitStatements(client, 0);
}
