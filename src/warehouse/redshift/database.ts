import pg from 'pg';
import type { Lock } from '../load/dialect.js';
import { EXACT_INT8 } from '../int8.js';

/** Longest wait for a connection: a serverless workgroup that sleeps takes some seconds to wake. */
const CONNECT_TIMEOUT_MS = 60_000;

/** The address as the driver knows it: Redshift speaks Postgres' protocol. */
export function driverUrl(url: string): string {
  return url.replace(/^redshift:/, 'postgres:');
}

/** Opens a pool of connections whose sessions are in UTC. */
export function openPool(url: string, size: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: driverUrl(url),
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'ladepuls',
    types: EXACT_INT8,
    // Not by the parameter "options" of a new connection, which Redshift does not document.
    onConnect: useUtc,
  });
  // A connection that breaks is replaced at the next use; unheard, these would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** The pool waits for what this returns, though its types do not say so. */
function useUtc(client: pg.ClientBase): unknown {
  return client.query(`set timezone to 'UTC'`);
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
