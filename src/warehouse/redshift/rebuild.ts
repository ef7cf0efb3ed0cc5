import type pg from 'pg';
import { inTransaction } from '../connection.js';
import type { Rebuilding } from '../load/dialect.js';
import { copyArchivedDays } from '../load/rebuild.js';
import type { Schemas } from '../load/schemas.js';
import { LoadRefused } from '../warehouse.js';
import { limitStatements, takeLock } from './database.js';
import { adoptRebuilt, forgetRebuilt, migrateRebuilt } from './migrate.js';
import { PUBLISHED, REBUILT, REPLACED, WAREHOUSES } from './schemas.js';

/** How long the exchange and dropping wait for the longest reader: while they do, new ones wait behind them. */
const EXCHANGE_WAIT_MS = 10_000;
const KINDS = ['warehouse', 'ops'] as const;

export const REDSHIFT_REBUILDING: Rebuilding = {
  name: rebuildOf,
  begin: beginRebuild,
  exchange: exchangeSchemas,
  finish: () => Promise.resolve(),
  discard,
  dropReplaced: (pool) => inTransaction(pool, (client) => dropSchemas(client, REPLACED)),
  // A rebuild is refused where it would lose what is bound to the tables.
  notRecreated: () => Promise.resolve({ found: [], total: 0 }),
};

/**
 * Makes an empty warehouse beside the published one, for the rebuild of that name; what another rebuild has left goes.
 * Its tables are made like those that readers see, keys of distribution and sorting included, and brought up to date.
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

/** The name of the rebuild whose tables stand beside the published ones; null where there are none. */
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
 * Throws LoadRefused where others' views are bound to the published tables: they would go on reading those that are
 * replaced, and be lost with them. Late-binding views are bound to none.
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
    `these views are bound to tables of the warehouse that a rebuild replaces: ${views}. ` +
      'Make them again WITH NO SCHEMA BINDING, or drop them, and rebuild.',
  );
}

/**
 * Lets the schemas exchange their names. Throws LoadRefused where others' views have come to be bound to the published ones.
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
