import type pg from 'pg';
import { makePool } from '../connection.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Open a connection pool whose sessions are in UTC.
 *
 * @param options.onOpen statement that runs first on each new connection
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

/** Memory for each sort in a load. Larger sorts use the disk. */
const SORTING_MEMORY = '64MB';

/**
 * Raise the memory for sorts until the end of the transaction, because the default would sort a day's facts on disk.
 */
export async function allowSorting(client: pg.PoolClient): Promise<void> {
  await client.query(`set local work_mem = '${SORTING_MEMORY}'`);
}
