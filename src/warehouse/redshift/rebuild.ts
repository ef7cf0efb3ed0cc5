import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { inTransaction } from '../connection.js';
import { LoadRefused } from '../warehouse.js';
import { limitStatements } from './database.js';
import { adoptRebuilt, forgetRebuilt, migrateRebuilt } from './migrate.js';
import { lockPublications } from './publish.js';
import { PUBLISHED, REBUILT, REPLACED, type Schemas } from './schemas.js';

/** How long the exchange and dropping wait for the longest reader: while they do, new ones wait behind them. */
const EXCHANGE_WAIT_MS = 10_000;
const KINDS = ['warehouse', 'ops'] as const;

/**
 * Makes an empty warehouse beside the published one, for the rebuild of that name; what another rebuild has left goes.
 * Its tables are made like those that readers see, keys of distribution and sorting included, and brought up to date.
 */
export async function beginRebuild(pool: pg.Pool, rebuild: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('lock table ladepuls.migration_lock');
    if ((await rebuildOf(client)) === rebuild) return;
    await refuseForeignViews(client);
    for (const left of [REBUILT, REPLACED]) await dropSchemas(client, left);
    for (const kind of KINDS) await client.query(`create schema ${REBUILT[kind]}`);
    for (const { kind, name } of await tablesOf(client, PUBLISHED))
      await client.query(
        `create table ${REBUILT[kind]}."${name}" (like ${PUBLISHED[kind]}."${name}" including defaults)`,
      );
    await client.query(
      `insert into ${REBUILT.ops}.archived_day (day, charging_point_facts, connector_facts, archived_at, restored_at)
       select day, charging_point_facts, connector_facts, archived_at, restored_at from ${PUBLISHED.ops}.archived_day`,
    );
    await migrateRebuilt(client);
    await client.query('delete from ladepuls.rebuild');
    await client.query('insert into ladepuls.rebuild (name) values ($1)', [rebuild]);
  });
}

/** The name of the rebuild whose tables stand beside the published ones; null where there are none. */
async function rebuildOf(client: pg.PoolClient): Promise<string | null> {
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
 * Lets readers see the rebuilt warehouse instead of the published one, in one transaction: the schemas exchange their
 * names. Doing it again changes nothing. The revisions of days go on counting.
 *
 * @returns the days that were published meanwhile and must be loaded into the rebuilt warehouse first; then nothing
 *   was exchanged
 * @throws LoadRefused where others' views have come to be bound to the published one
 */
export async function exchange(pool: pg.Pool, rebuild: string): Promise<Day[]> {
  return inTransaction(pool, async (client) => {
    await lockPublications(client);
    if ((await rebuildOf(client)) !== rebuild) return [];
    const stale = await staleDays(client);
    if (stale.length > 0) return stale;
    await refuseForeignViews(client);
    await limitStatements(client, EXCHANGE_WAIT_MS);
    await continueRevisions(client);
    for (const [from, to] of [
      [PUBLISHED, REPLACED],
      [REBUILT, PUBLISHED],
    ] as const)
      for (const kind of KINDS) await client.query(`alter schema ${from[kind]} rename to ${to[kind]}`);
    await adoptRebuilt(client);
    await client.query('delete from ladepuls.rebuild');
    return [];
  });
}

/** Days whose latest publication is younger than that in the rebuilt warehouse, or missing there. */
async function staleDays(client: pg.PoolClient): Promise<Day[]> {
  const latest = (ops: string) =>
    `(select day, max(published_at) as at from ${ops}.day_revision group by day)`;
  const { rows } = await client.query<{ day: Day }>(
    `select to_char(published.day, 'YYYY-MM-DD') as day
     from ${latest(PUBLISHED.ops)} published
     left join ${latest(REBUILT.ops)} remade on remade.day = published.day
     where remade.at is null or remade.at < published.at order by 1`,
  );
  return rows.map(({ day }) => day);
}

async function continueRevisions(client: pg.PoolClient): Promise<void> {
  // From the highest on, so that no two are the same.
  await client.query(
    `update ${REBUILT.ops}.day_revision set revision = day_revision.revision + before.last
     from (select day, max(revision) as last from ${PUBLISHED.ops}.day_revision group by day) before
     where day_revision.day = before.day`,
  );
  await client.query(
    `insert into ${REBUILT.ops}.day_revision (day, revision, published_at, reason, load)
     select day, revision, published_at, reason, load from ${PUBLISHED.ops}.day_revision`,
  );
}

/** Removes what the rebuild of that name has made, unless it was exchanged. */
export async function discardRebuild(pool: pg.Pool, rebuild: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('lock table ladepuls.migration_lock');
    if ((await rebuildOf(client)) !== rebuild) return;
    await dropSchemas(client, REBUILT);
    await forgetRebuilt(client);
    await client.query('delete from ladepuls.rebuild');
  });
}

/** Drops the tables that were replaced. Throws where somebody still reads them. */
export async function dropReplaced(pool: pg.Pool): Promise<void> {
  await inTransaction(pool, (client) => dropSchemas(client, REPLACED));
}

async function dropSchemas(client: pg.PoolClient, schemas: Schemas): Promise<void> {
  await limitStatements(client, EXCHANGE_WAIT_MS);
  for (const kind of KINDS) await client.query(`drop schema if exists ${schemas[kind]} cascade`);
  await limitStatements(client, 0);
}
