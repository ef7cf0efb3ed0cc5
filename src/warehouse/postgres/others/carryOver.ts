import type pg from 'pg';
import { REPLACED } from '../schemas.js';
import { inTransaction } from '../../connection.js';
import { attach, type Attached, indexRebuilt, readAttached } from './attached.js';
import { attempt } from './attempt.js';
import { type Dependent, findDependents } from './dependents.js';
import { type Foreign, qualified, readForeign } from './foreign.js';
import { giveGrants } from './grants.js';
import { findInhabitants, moveInhabitants } from './inhabitants.js';
import {
  endPending,
  storeEarlier,
  storeLosses,
  listedNames,
  listPending,
  type Loss,
  takePending,
} from './notRecreated.js';
import { type Found, refuseObstacles } from './obstacles.js';
import { listOwn } from './own.js';
import { lossOf, recreate, refill } from './recreate.js';

/** Objects of other people on the published warehouse, as read before the exchange. */
export interface Others extends Found {
  attached: Attached[];
  /** Grants and indexes that could not be created on the rebuilt warehouse. */
  losses: Loss[];
}

/**
 * Check that a rebuild would destroy no objects that do not belong to the warehouse. Call in the transaction that
 * begins the rebuild.
 *
 * @throws LoadRefused when the rebuild would destroy such objects
 */
export async function refuseDestruction(client: pg.PoolClient): Promise<void> {
  await listOwn(client);
  await refuseObstacles(client, await find(client), { isBegin: true });
}

async function find(client: pg.PoolClient): Promise<Found> {
  const dependents = await findDependents(client, 'select oid from pg_temp.own');
  const foreign = await readForeign(client, dependents);
  return { dependents, foreign, inhabitants: await findInhabitants(client, foreign) };
}

/**
 * Read the objects of other people on the published warehouse, and copy their grants and indexes to the rebuilt
 * warehouse. Call in the transaction of the exchange, before it takes locks.
 *
 * @throws LoadRefused when the exchange would destroy objects that do not belong to the warehouse
 */
export async function readOthers(client: pg.PoolClient): Promise<Others> {
  await storeEarlier(client);
  await listOwn(client);
  const found = await find(client);
  await refuseObstacles(client, found, { isBegin: false });
  const attached = await readAttached(client, found.dependents);
  const losses = [...(await giveGrants(client)), ...(await indexRebuilt(client))];
  return { ...found, attached, losses };
}

/**
 * Recreate the objects that other people had on the replaced warehouse. Call in the transaction of the exchange. List
 * in `ops.not_recreated` the objects that can't be recreated, and those that take long and are left to {@link
 * finishOthers}.
 */
export async function restoreOthers(client: pg.PoolClient, others: Others, rebuild: string): Promise<void> {
  const { foreign, inhabitants, attached } = others;
  const losses = [...others.losses];
  await moveInhabitants(client, inhabitants);
  const lost = new Set<string>();
  for (const object of foreign) {
    const made = await restore(client, object, lost);
    if (made.some((loss) => isWhole(object, loss) && loss.pending === null)) lost.add(qualified(object));
    losses.push(...made);
  }
  losses.push(...(await attach(client, attached)));
  await storeLosses(client, rebuild, losses);
  await storeLeft(client, rebuild, others.dependents);
}

async function restore(client: pg.PoolClient, object: Foreign, lost: Set<string>): Promise<Loss[]> {
  const read = object.reads.find((name) => lost.has(name));
  if (read !== undefined) return [lossOf(object, unreadable(read))];
  if (!object.isAfterwards) return recreate(client, object);
  const reason =
    'it is not created again yet, and reads the replaced tables until then; Ladepuls creates it later';
  return [{ ...lossOf(object, reason), pending: object }];
}

const unreadable = (name: string) => `it reads ${name}, which could not be created again`;

/** Return whether a loss is the object itself, rather than one of its grants. */
function isWhole(object: Foreign, { kind, name }: Loss): boolean {
  return kind === object.kind && name === qualified(object);
}

/**
 * List all other objects that would be dropped together with the replaced tables, so that no object is lost silently.
 *
 * @param dependents objects as read before the exchange, when their definitions named the published tables
 */
async function storeLeft(client: pg.PoolClient, rebuild: string, dependents: Dependent[]): Promise<void> {
  const schemas = [REPLACED.warehouse, REPLACED.ops, REPLACED.observation];
  const left = await findDependents(
    client,
    `select pg_class.oid from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname in (${schemas.map((name) => `'${name}'`).join(', ')})`,
    schemas,
  );
  if (left.length === 0) return;
  const before = new Map(dependents.map((dependent) => [dependent.key, dependent]));
  const listed = new Set(await listedNames(client, rebuild));
  const losses: Loss[] = left
    .map((dependent) => before.get(dependent.key) ?? dependent)
    .filter(({ name }) => !listed.has(name))
    .map(({ kind, name, definition }) => ({
      kind,
      name,
      reason: "it depends on replaced tables, and Ladepuls can't create it again",
      definition,
      pending: null,
    }));
  await storeLosses(client, rebuild, losses);
}

/**
 * Finish the recreation of objects that takes long: materialized views, objects that read them, and the validation of
 * foreign keys. Each is done in a transaction of its own. Readers see the old object until the new one is complete.
 * Idempotent: a finished object leaves the list `ops.not_recreated`.
 *
 * @param lockWait longest wait of readers for one object, as a value of `lock_timeout`
 */
export async function finishOthers(pool: pg.Pool, lockWait: string): Promise<void> {
  const pending = await listPending(pool);
  for (const { rebuild, number } of pending)
    await inTransaction(pool, async (client) => {
      await client.query(`set local search_path = ''`);
      const work = await takePending<Pending>(client, { rebuild, number });
      if (work === null) return; // another attempt has done the work already
      const losses = await finish(client, work, { rebuild, lockWait });
      await endPending(client, { rebuild, number });
      await storeLosses(client, rebuild, losses);
    });
  for (const rebuild of new Set(pending.map((one) => one.rebuild)))
    await inTransaction(pool, async (client) => {
      await client.query(`set local search_path = ''`);
      await storeLeft(client, rebuild, []);
    });
}

type Pending = Foreign | { kind: string; name: string; validation: string };

async function finish(
  client: pg.PoolClient,
  pending: Pending,
  { rebuild, lockWait }: { rebuild: string; lockWait: string },
): Promise<Loss[]> {
  if ('validation' in pending) {
    const { kind, name, validation } = pending;
    const refused = await attempt(client, () => client.query(validation));
    if (refused === null) return [];
    const reason = `it was created, but existing rows violate it: ${refused}`;
    return [{ kind, name, reason, definition: `${validation};`, pending: null }];
  }
  const listed = new Set(await listedNames(client, rebuild));
  const read = pending.reads.find((name) => listed.has(name));
  if (read !== undefined) return [lossOf(pending, unreadable(read))];
  if (pending.kind === 'materialized view') return refill(client, pending, lockWait);
  await client.query(`set local lock_timeout = '${lockWait}'`);
  return recreate(client, pending);
}
