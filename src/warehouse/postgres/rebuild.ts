import pg from 'pg';
import { inTransaction } from '../connection.js';
import type { Rebuilding } from '../load/dialect.js';
import { copyArchivedDays } from '../load/rebuild.js';
import { requireRebuiltForm } from './form.js';
import { takeLock } from './locks.js';
import { runMigrations } from './migrate.js';
import { finishOthers, readOthers, refuseDestruction, restoreOthers } from './others/carryOver.js';
import { ownPublic } from './others/own.js';
import { notRecreated } from './others/notRecreated.js';
import { PUBLISHED, REBUILT, REPLACED, type PostgresSchemas, WAREHOUSES } from './schemas.js';

/**
 * Temporary names of the published schemas while migrations run for a rebuild, because migrations use the published
 * names. No other transaction sees these names.
 */
const HELD: PostgresSchemas = { warehouse: 'held', ops: 'held_ops', observation: 'held_observation' };
const KINDS = ['warehouse', 'ops', 'observation'] as const;
/**
 * Longest wait of the exchange for a lock. Readers queue behind the exchange while it waits for the longest reading
 * transaction.
 */
const EXCHANGE_WAIT = '500ms';
/** Number of tables dropped in one transaction. Each takes a few locks of Postgres, which has only some thousands. */
const DROPS_AT_ONCE = 50;

export const POSTGRES_REBUILDING: Rebuilding = {
  name: rebuildOf,
  begin: beginRebuild,
  exchange: exchangeTables,
  finish: (pool) => finishOthers(pool, EXCHANGE_WAIT),
  discard: async (pool, rebuild) => {
    if ((await rebuildOf(pool)) === rebuild) await dropSchemas(pool, REBUILT);
  },
  dropReplaced: (pool) => dropSchemas(pool, REPLACED),
  notRecreated,
};

/**
 * Create an empty warehouse beside the published one, for this rebuild, and drop the remains of another rebuild.
 * Idempotent.
 *
 * @throws LoadRefused when the exchange would destroy objects that do not belong to the warehouse
 */
async function beginRebuild(pool: pg.Pool, rebuild: string): Promise<void> {
  if ((await rebuildOf(pool)) === rebuild) return;
  await finishOthers(pool, EXCHANGE_WAIT);
  for (const left of [REBUILT, REPLACED]) await dropSchemas(pool, left);
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    if ((await rebuildOf(client)) === rebuild) return; // another attempt has done the work already
    await rename(client, PUBLISHED, HELD);
    await client.query('create schema public');
    await runMigrations(client);
    await rename(client, PUBLISHED, REBUILT);
    await rename(client, HELD, PUBLISHED);
    await client.query(`comment on schema ${REBUILT.warehouse} is ${pg.escapeLiteral(rebuild)}`);
    await copyArchivedDays(client, WAREHOUSES);
    await refuseDestruction(client);
  });
}

/** Return the name of the rebuild whose tables exist beside the published tables; null if there are none. */
async function rebuildOf(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ name: string | null }>(
    `select obj_description(oid, 'pg_namespace') as name from pg_namespace where nspname = $1`,
    [REBUILT.warehouse],
  );
  return rows[0]?.name ?? null;
}

async function rename(client: pg.PoolClient, from: PostgresSchemas, to: PostgresSchemas): Promise<void> {
  for (const kind of KINDS) await client.query(`alter schema ${from[kind]} rename to ${to[kind]}`);
}

/**
 * Replace the published tables by the rebuilt tables. Readers see either the old or the new tables.
 *
 * Recreate the objects that other people have on the published tables on the rebuilt tables, and list in
 * `ops.not_recreated` those that could not be recreated.
 *
 * @throws LoadRefused when the exchange would destroy objects that do not belong to the warehouse, or when an earlier
 *   version created the rebuilt tables
 */
async function exchangeTables(client: pg.PoolClient, rebuild: string): Promise<void> {
  await requireRebuiltForm(client);
  const others = await readOthers(client);
  await client.query(`set local lock_timeout = '${EXCHANGE_WAIT}'`);
  await client.query(`create schema ${REPLACED.warehouse}`);
  for (const name of await ownPublic(client))
    await client.query(`alter table public.${pg.escapeIdentifier(name)} set schema ${REPLACED.warehouse}`);
  for (const name of await relationsOf(client, REBUILT.warehouse))
    await client.query(`alter table ${REBUILT.warehouse}.${pg.escapeIdentifier(name)} set schema public`);
  for (const kind of ['ops', 'observation'] as const) {
    await client.query(`alter schema ${PUBLISHED[kind]} rename to ${REPLACED[kind]}`);
    await client.query(`alter schema ${REBUILT[kind]} rename to ${PUBLISHED[kind]}`);
  }
  await client.query(`drop schema ${REBUILT.warehouse}`);
  await restoreOthers(client, others, rebuild);
}

async function relationsOf(client: pg.PoolClient, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p', 'v') order by 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

async function dropSchemas(pool: pg.Pool, schemas: PostgresSchemas): Promise<void> {
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
