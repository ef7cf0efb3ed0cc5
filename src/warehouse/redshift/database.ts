import type pg from 'pg';
import { makePool } from '../connection.js';
import type { Lock } from '../load/dialect.js';

/** Longest wait for a connection: a serverless workgroup that sleeps takes some seconds to wake. */
const CONNECT_TIMEOUT_MS = 60_000;

/** The address as the driver knows it: Redshift speaks Postgres' protocol. */
export function driverUrl(url: string): string {
  return url.replace(/^redshift:/, 'postgres:');
}

/** Opens a pool of connections whose sessions are in UTC. */
export function openPool(url: string, size: number): pg.Pool {
  return makePool({
    url: driverUrl(url),
    size,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    // Not by the parameter "options" of a new connection, which Redshift does not document.
    onOpen: `set timezone to 'UTC'`,
  });
}

/**
 * Takes a lock, which holds until the transaction ends. Waits for whoever has it.
 *
 * @param atMostMs by default as long as it takes
 */
export async function takeLock(client: pg.PoolClient, lock: Lock, atMostMs?: number): Promise<void> {
  if (atMostMs !== undefined) await limitStatements(client, atMostMs);
  await client.query(`lock table ladepuls.${lock}_lock`);
  if (atMostMs !== undefined) await limitStatements(client, 0);
}

/** How long a statement may wait for a lock and run, in milliseconds, until the transaction's end; 0: as long as it takes. */
export async function limitStatements(client: pg.PoolClient, timeoutMs: number): Promise<void> {
  await client.query(`set local statement_timeout to ${timeoutMs}`);
}
