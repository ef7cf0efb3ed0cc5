import type pg from 'pg';
import { makePool } from '../connection.js';
import type { Lock } from '../load/dialect.js';

/** Longest wait for a connection, in milliseconds. A paused serverless workgroup needs some seconds to resume. */
const CONNECT_TIMEOUT_MS = 60_000;

/** Return the address for the driver. Redshift uses Postgres' protocol. */
export function driverUrl(url: string): string {
  return url.replace(/^redshift:/, 'postgres:');
}

/** Open a connection pool whose sessions are in UTC. */
export function openPool(url: string, size: number): pg.Pool {
  return makePool({
    url: driverUrl(url),
    size,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    // The connection parameter `options` is not used, because Redshift does not document it.
    onOpen: `set timezone to 'UTC'`,
  });
}

/**
 * Take a lock until the end of the transaction. Wait for the transaction that holds it.
 *
 * @param atMostMs longest wait in milliseconds; unlimited by default
 */
export async function takeLock(client: pg.PoolClient, lock: Lock, atMostMs?: number): Promise<void> {
  if (atMostMs !== undefined) await limitStatements(client, atMostMs);
  await client.query(`lock table ladepuls.${lock}_lock`);
  if (atMostMs !== undefined) await limitStatements(client, 0);
}

/**
 * Limit the duration of each statement, including its wait for locks, until the end of the transaction.
 *
 * @param timeoutMs limit in milliseconds; 0 for none
 */
export async function limitStatements(client: pg.PoolClient, timeoutMs: number): Promise<void> {
  await client.query(`set local statement_timeout to ${timeoutMs}`);
}
