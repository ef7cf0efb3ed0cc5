import type pg from 'pg';
import { makePool } from '../connection.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens a pool of connections whose sessions are in UTC.
 * @param onOpen a statement that each connection begins with
 */
export function openPool(url: string, size: number, { onOpen }: { onOpen?: string } = {}): pg.Pool {
  return makePool({
    url,
    size,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    options: '-c timezone=UTC -c client_min_messages=warning',
    onOpen,
  });
}

/** What a step of a load that sorts a day's facts may take of memory; more is sorted on disk. */
const SORTING_MEMORY = '64MB';

/** Lets the rest of a transaction sort in memory what the default has to be sorted on disk for. */
export async function allowSorting(client: pg.PoolClient): Promise<void> {
  await client.query(`set local work_mem = '${SORTING_MEMORY}'`);
}
