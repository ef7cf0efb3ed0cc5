import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { type Load, LoadOutdated, NotAddable, type PublishedAnswers } from '../warehouse.js';
import { DIMENSIONS } from './dimension.js';

/** The answers that a feed's published day was built from. */
export async function publishedAnswers(pool: pg.Pool, day: Day, feed: string): Promise<PublishedAnswers> {
  const { rows } = await pool.query<{ bodies: number }>(
    'select bodies from ops.ledger where day = $1 and feed = $2',
    [day, feed],
  );
  const { rows: polls } = await pool.query<{ key: string }>(
    'select key from ops.poll where day = $1 and feed = $2 order by slot',
    [day, feed],
  );
  return { bodies: rows[0]?.bodies ?? 0, keys: polls.map(({ key }) => key) };
}

/**
 * Throws NotAddable where two feeds show one id: whose it is depends on all slots of the day, also on those that stand in
 * the warehouse already. Call where the load's runs are found.
 */
export async function refuseSharedIds(client: pg.PoolClient): Promise<void> {
  for (const { run, id } of DIMENSIONS) {
    const { rows } = await client.query<{ id: string | number }>(
      `select ${id} as id from new_${run} group by ${id} having count(distinct feed) > 1 limit 1`,
    );
    if (rows[0]) throw new NotAddable(`two feeds show the ${id} ${rows[0].id}: the day is loaded as a whole`);
  }
}

/** Throws LoadOutdated where the day is no longer what the load was to be added to. Call with publications locked. */
export async function requireBase(client: pg.PoolClient, { day, addsTo }: Load): Promise<void> {
  const { rows } = await client.query<{ revision: number | null }>(
    'select max(revision) as revision from day_revision where day = $1',
    [day],
  );
  const revision = rows[0]?.revision ?? null;
  if (revision !== addsTo)
    throw new LoadOutdated(`${day} is at revision ${revision}, but was to be added to revision ${addsTo}`);
}
