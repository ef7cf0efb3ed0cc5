import type pg from 'pg';
import { makeOnce } from '../connection.js';
import type { Lock } from '../load/dialect.js';

/**
 * What one transaction does at a time. Each is a lock on an empty table that no rebuild moves. No advisory locks: every
 * role may take those, and a reader could hold one for ever. Of these tables a reader may take ACCESS SHARE at most, which
 * EXCLUSIVE does not wait for.
 */
const LOCKS: readonly Lock[] = ['migration', 'publication', 'opening'];

/** Not the owner's name: an owner's search path begins with the schema that is called as he is. */
export const LOCK_SCHEMA = 'ladepuls_locks';

/** Makes the tables of locks where they are absent. Two at once make them once. */
export async function makeLocks(pool: pg.Pool): Promise<void> {
  await makeOnce(pool, `create schema if not exists ${LOCK_SCHEMA}`);
  for (const lock of LOCKS) await makeOnce(pool, `create table if not exists ${LOCK_SCHEMA}.${lock} ()`);
}

/**
 * Takes a lock, which holds until the transaction ends. Waits for whoever has it.
 *
 * @param atMostMs of this wait and of later ones in the transaction; by default as long as `lock_timeout` says
 */
export async function takeLock(client: pg.PoolClient, lock: Lock, atMostMs?: number): Promise<void> {
  if (atMostMs !== undefined) await client.query(`set local lock_timeout = ${atMostMs}`);
  await client.query(`lock table ${LOCK_SCHEMA}.${lock} in exclusive mode`);
}
