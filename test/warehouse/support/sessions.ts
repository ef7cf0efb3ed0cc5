import pg from 'pg';
import { expect } from 'vitest';
import { column } from './query.js';

export interface HeldLock {
  /** Wait until another session waits for a lock. */
  waited(): Promise<void>;
  /** End the session that holds the lock. */
  release(): Promise<void>;
}

/** Take a lock with a statement, in a session of its own. */
export async function holdLock(url: string, statement: string): Promise<HeldLock> {
  const client = new pg.Client({ connectionString: url, application_name: 'test' });
  await client.connect();
  await client.query('begin');
  await client.query(statement);
  return {
    async waited() {
      const waiting = `select count(*)::int from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      // Each check uses a session of its own, because within a transaction the view does not change after it was first
      // read.
      await expect.poll(async () => (await column(url, waiting))[0], { timeout: 5_000 }).toBeGreaterThan(0);
    },
    async release() {
      await client.query('rollback');
      await client.end();
    },
  };
}

/**
 * Break all connections of the warehouse to this database, like a failing network or server. Wait until they are
 * closed, because otherwise the caller may get a connection that is just being broken.
 */
export async function killConnections(url: string): Promise<void> {
  const killed = await column(
    url,
    `select pid from (
       select pid, pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'ladepuls' offset 0
     ) killed`,
  );
  const left = `select count(*)::int from pg_stat_activity where pid in (${['null', ...killed].join()})`;
  await expect.poll(async () => (await column(url, left))[0], { timeout: 10_000, interval: 10 }).toBe(0);
}
