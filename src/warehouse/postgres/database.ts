import pg from 'pg';
import { EXACT_INT8 } from '../int8.js';

/** Longest wait for a connection, so that a warehouse that is down is an error and no hang. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens a pool of connections whose sessions are in UTC.
 * @param onOpen a statement that each connection begins with
 */
export function openPool(url: string, size: number, { onOpen }: { onOpen?: string } = {}): pg.Pool {
  const config = {
    connectionString: url,
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'ladepuls',
    options: '-c timezone=UTC -c client_min_messages=warning',
    types: EXACT_INT8,
    // The driver waits for it, though its types say nothing of that.
    ...(onOpen !== undefined && { onConnect: (client: pg.ClientBase) => client.query(onOpen) }),
  };
  const pool = new pg.Pool(config);
  // A connection that breaks, idle or at work, is replaced at the next use, and the statement that it was at fails
  // by itself; unheard, these would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** What a step of a load that sorts a day's facts may take of memory; more is sorted on disk. */
const SORTING_MEMORY = '64MB';

/** Lets the rest of a transaction sort in memory what the default has to be sorted on disk for. */
export async function allowSorting(client: pg.PoolClient): Promise<void> {
  await client.query(`set local work_mem = '${SORTING_MEMORY}'`);
}
