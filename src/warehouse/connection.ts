import pg from 'pg';
import { EXACT_INT8 } from './int8.js';

/** Options of a connection pool. */
export interface PoolOptions {
  url: string;
  size: number;
  /**
   * Longest wait for a connection, in milliseconds. A warehouse that is down then causes an error instead of a hang.
   */
  connectTimeoutMs: number;
  /** Startup options in Postgres' syntax, such as `-c timezone=UTC`. */
  options?: string;
  /** Statement that runs first on each new connection. */
  onOpen?: string | undefined;
}

/** Create a connection pool. */
export function makePool({ url, size, connectTimeoutMs, options, onOpen }: PoolOptions): pg.Pool {
  const config = {
    connectionString: url,
    max: size,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: 'ladepuls',
    types: EXACT_INT8,
    ...(options !== undefined && { options }),
    // The driver waits for this query, although its types do not say so.
    ...(onOpen !== undefined && { onConnect: (client: pg.ClientBase) => client.query(onOpen) }),
  };
  const pool = new pg.Pool(config);
  // A broken connection is replaced at the next use, and its current statement fails by itself. Without these
  // listeners, the error events would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** SQL states of errors that mean: another process has created the same object or row at the same moment. */
const THERE_ALREADY: ReadonlySet<string | undefined> = new Set(['42P06', '42P07', '42710', '23505', '40001']);

/**
 * Run a statement that creates something if it is absent. Ignore the error when another process creates the same object
 * at the same moment.
 */
export async function makeOnce(pool: pg.Pool, statement: string): Promise<void> {
  try {
    await pool.query(statement);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && THERE_ALREADY.has(error.code))) throw error;
  }
}

/**
 * Run `work` on a new connection, and close the connection afterwards. Commands use it.
 *
 * @param applicationName name of the connection in the server's views, such as pg_stat_activity
 * @param timeoutMs time limit in milliseconds of the connecting, and of each query; none by default
 */
export async function withClient<T>(
  url: string,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
  timeoutMs?: number,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    types: EXACT_INT8,
    ...(timeoutMs !== undefined && { connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs }),
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Run `work` in one transaction on one connection. Roll back and rethrow when `work` fails. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure as Error;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Wait until all promises are settled, so that no work continues in the background. Throw the first failure. */
export async function allDone<T extends readonly unknown[] | []>(begun: {
  [K in keyof T]: Promise<T[K]>;
}): Promise<T> {
  await Promise.allSettled(begun);
  return Promise.all(begun);
}
