import pg from 'pg';
import { EXACT_INT8 } from './int8.js';

/** How a database is connected to. */
export interface PoolOptions {
  url: string;
  size: number;
  /** Longest wait for a connection, so that a warehouse that is down is an error and no hang. */
  connectTimeoutMs: number;
  /** Of the connection's start, as Postgres takes them. */
  options?: string;
  /** A statement that each connection begins with. */
  onOpen?: string | undefined;
}

/** Makes a pool of connections. */
export function makePool({ url, size, connectTimeoutMs, options, onOpen }: PoolOptions): pg.Pool {
  const config = {
    connectionString: url,
    max: size,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: 'ladepuls',
    types: EXACT_INT8,
    ...(options !== undefined && { options }),
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

/** That another process made it at the same moment: SQL states of objects and of rows that are there already. */
const THERE_ALREADY: ReadonlySet<string | undefined> = new Set(['42P06', '42P07', '42710', '23505', '40001']);

/** Runs a statement that makes something where it is absent. Two at once make it once. */
export async function makeOnce(pool: pg.Pool, statement: string): Promise<void> {
  try {
    await pool.query(statement);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && THERE_ALREADY.has(error.code))) throw error;
  }
}

/** Does a command's work on one connection of its own, by the name that the server's views show it under. */
export async function withClient<T>(
  url: string,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    types: EXACT_INT8,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs `work` in one transaction on one connection; rolls back and rethrows when it fails. */
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

/** Waits until all that was begun is over, also where some of it fails, so that nothing goes on behind. Throws the first failure. */
export async function allDone<T extends readonly unknown[] | []>(begun: {
  [K in keyof T]: Promise<T[K]>;
}): Promise<T> {
  await Promise.allSettled(begun);
  return Promise.all(begun);
}
