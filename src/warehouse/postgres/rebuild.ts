import pg from 'pg';
import type { Day } from '../../domain/day.js';
import { inTransaction } from '../connection.js';
import { takeLock } from './locks.js';
import { runMigrations } from './migrate.js';
import { finishOthers, readOthers, refuseDestruction, restoreOthers } from './others/carryOver.js';
import { ownPublic } from './others/own.js';
import { lockPublications } from './publish.js';
import { PUBLISHED, REBUILT, REPLACED, type Schemas } from './schemas.js';

/** Migrations name the published schemas: while they run, those are called so. Nobody else ever sees it. */
const HELD: Schemas = { public: 'held', ops: 'held_ops', observation: 'held_observation' };
const KINDS = ['public', 'ops', 'observation'] as const;
/** How long readers may have to wait behind the exchange, which itself waits for their longest transaction. */
const EXCHANGE_WAIT = '500ms';
/** Tables dropped in one transaction: each takes a few of Postgres' locks, of which there are some thousands. */
const DROPS_AT_ONCE = 50;

/**
 * Makes an empty warehouse beside the published one, for the rebuild of that name; what another rebuild has left
 * goes. Throws LoadRefused where the exchange would destroy what is not the warehouse's.
 */
export async function beginRebuild(pool: pg.Pool, rebuild: string): Promise<void> {
  if ((await rebuildOf(pool)) === rebuild) return;
  await finishOthers(pool, EXCHANGE_WAIT);
  for (const left of [REBUILT, REPLACED]) await dropSchemas(pool, left);
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    if ((await rebuildOf(client)) === rebuild) return; // another attempt was faster
    await rename(client, PUBLISHED, HELD);
    await client.query('create schema public');
    await runMigrations(client);
    await rename(client, PUBLISHED, REBUILT);
    await rename(client, HELD, PUBLISHED);
    await client.query(`comment on schema ${REBUILT.public} is ${pg.escapeLiteral(rebuild)}`);
    await client.query(`insert into ${REBUILT.ops}.archived_day select * from ops.archived_day`);
    await refuseDestruction(client);
  });
}

/** The name of the rebuild whose tables stand beside the published ones; null where there are none. */
async function rebuildOf(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ name: string | null }>(
    `select obj_description(oid, 'pg_namespace') as name from pg_namespace where nspname = $1`,
    [REBUILT.public],
  );
  return rows[0]?.name ?? null;
}

async function rename(client: pg.PoolClient, from: Schemas, to: Schemas): Promise<void> {
  for (const kind of KINDS) await client.query(`alter schema ${from[kind]} rename to ${to[kind]}`);
}

/**
 * Puts the rebuilt warehouse in the place of the published one, in one transaction: readers see the one or the other.
 * Doing it again changes nothing. The revisions of days go on counting. What other people have on the published tables is made
 * anew on the rebuilt ones; `ops.not_recreated` lists what could not be.
 *
 * @returns the days that were published meanwhile and must be loaded into the rebuilt warehouse first; then nothing
 *   was exchanged
 * @throws LoadRefused where the exchange would destroy what is not the warehouse's
 */
export async function exchange(pool: pg.Pool, rebuild: string): Promise<Day[]> {
  const stale = await inTransaction(pool, async (client) => {
    await lockPublications(client);
    if ((await rebuildOf(client)) !== rebuild) return [];
    const days = await staleDays(client);
    if (days.length > 0) return days;
    const others = await readOthers(client);
    await client.query(`set local lock_timeout = '${EXCHANGE_WAIT}'`);
    await continueRevisions(client);
    await client.query(`create schema ${REPLACED.public}`);
    for (const name of await ownPublic(client))
      await client.query(`alter table public.${pg.escapeIdentifier(name)} set schema ${REPLACED.public}`);
    for (const name of await relationsOf(client, REBUILT.public))
      await client.query(`alter table ${REBUILT.public}.${pg.escapeIdentifier(name)} set schema public`);
    for (const kind of ['ops', 'observation'] as const) {
      await client.query(`alter schema ${PUBLISHED[kind]} rename to ${REPLACED[kind]}`);
      await client.query(`alter schema ${REBUILT[kind]} rename to ${PUBLISHED[kind]}`);
    }
    await client.query(`drop schema ${REBUILT.public}`);
    await restoreOthers(client, others, rebuild);
    return [];
  });
  if (stale.length === 0) await finishOthers(pool, EXCHANGE_WAIT);
  return stale;
}

async function relationsOf(client: pg.PoolClient, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p', 'v') order by 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

/** Days whose latest publication is younger than that in the rebuilt warehouse, or missing there. */
async function staleDays(client: pg.PoolClient): Promise<Day[]> {
  const latest = (ops: string) =>
    `(select day, max(published_at) as at from ${ops}.day_revision group by day)`;
  const { rows } = await client.query<{ day: Day }>(
    `select day::text as day from ${latest(PUBLISHED.ops)} published left join ${latest(REBUILT.ops)} rebuilt using (day)
     where rebuilt.at is null or rebuilt.at < published.at order by 1`,
  );
  return rows.map(({ day }) => day);
}

async function continueRevisions(client: pg.PoolClient): Promise<void> {
  // From the highest on, so that no two are the same in between.
  await client.query(
    `with before as (select day, max(revision) as last from ops.day_revision group by day),
       moved as (delete from ${REBUILT.ops}.day_revision returning *)
     insert into ${REBUILT.ops}.day_revision (day, revision, published_at, reason, load)
     select day, revision + coalesce(last, 0), published_at, reason, load from moved left join before using (day)`,
  );
  await client.query(`insert into ${REBUILT.ops}.day_revision select * from ops.day_revision`);
}

/** Removes what the rebuild of that name has made, unless it was exchanged. */
export async function discardRebuild(pool: pg.Pool, rebuild: string): Promise<void> {
  if ((await rebuildOf(pool)) === rebuild) await dropSchemas(pool, REBUILT);
}

/** Drops the tables that were replaced. Waits for nobody: throws where somebody still reads them. */
export async function dropReplaced(pool: pg.Pool): Promise<void> {
  await dropSchemas(pool, REPLACED);
}

async function dropSchemas(pool: pg.Pool, schemas: Schemas): Promise<void> {
  const names = KINDS.map((kind) => schemas[kind]);
  for (let left = true; left;) {
    left = await inTransaction(pool, async (client) => {
      await client.query(`set local lock_timeout = '${EXCHANGE_WAIT}'`);
      const { rows } = await client.query<{ partition: string }>(
        `select format('%I.%I', nspname, relname) as partition
         from pg_class join pg_namespace on pg_namespace.oid = relnamespace
         where nspname = any ($1) and relispartition and relkind = 'r' limit ${DROPS_AT_ONCE}`,
        [names],
      );
      if (rows.length > 0)
        await client.query(`drop table ${rows.map(({ partition }) => partition).join(', ')}`);
      else await client.query(`drop schema if exists ${names.join(', ')} cascade`);
      return rows.length > 0;
    });
  }
}
