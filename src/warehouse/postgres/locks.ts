import type pg from 'pg';
import { makeOnce } from '../connection.js';
import type { Lock } from '../load/dialect.js';

/**
 * Locks for work that only one transaction may do at a time. Each is a lock on an empty table, which no rebuild moves.
 *
 * Advisory locks are not used, because every role may take them and hold them forever. On these tables, a reader can
 * take at most ACCESS SHARE, for which EXCLUSIVE does not wait.
 */
const LOCKS: readonly Lock[] = ['migration', 'publication', 'opening'];

/**
 * Schema of the lock tables. It must not have the owner's name, because an owner's search path begins with the schema
 * of that name.
 */
export const LOCK_SCHEMA = 'ladepuls_locks';

/** Create the lock tables if they are missing. Parallel calls do not conflict. */
export async function makeLocks(pool: pg.Pool): Promise<void> {
  await makeOnce(pool, `create schema if not exists ${LOCK_SCHEMA}`);
  for (const lock of LOCKS) await makeOnce(pool, `create table if not exists ${LOCK_SCHEMA}.${lock} ()`);
}

/**
 * Take a lock until the end of the transaction. Wait for the transaction that holds it.
 *
 * @param atMostMs longest wait in milliseconds, of this lock and of later locks in the transaction; by default that of
 *   `lock_timeout`
 */
export async function takeLock(client: pg.PoolClient, lock: Lock, atMostMs?: number): Promise<void> {
  if (atMostMs !== undefined) await client.query(`set local lock_timeout = ${atMostMs}`);
  await client.query(`lock table ${LOCK_SCHEMA}.${lock} in exclusive mode`);
}
