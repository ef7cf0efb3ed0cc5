import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { RUN_FILES } from '../../domain/flatFiles.js';
import { LEDGER_COUNTS } from '../../domain/ledger.js';
import { rawKey } from '../../stores/rawObject.js';
import {
  type Load,
  LoadOutdated,
  NotAddable,
  type PublishedAnswers,
  type PublishedDay,
} from '../warehouse.js';
import { DIMENSIONS } from '../dimensions.js';

/** What a later load of the same day must know of its latest publication. */
export async function publishedDay(pool: pg.Pool, day: Day): Promise<PublishedDay | null> {
  const { rows } = await pool.query<{
    revision: number;
    published: string;
    until: string | null;
    inventories: Inventories;
  }>(
    `select revision, extract(epoch from published_at) * 1000 as published,
       extract(epoch from loaded_until) * 1000 as until,
       (select coalesce(jsonb_object_agg(feed, inventory), '{}') from ops.ledger where day = $1) as inventories
     from ops.day_revision where day = $1 order by revision desc limit 1`,
    [day],
  );
  const [row] = rows;
  if (!row) return null;
  const { revision, published, until, inventories } = row;
  return {
    revision,
    publishedMs: Number(published),
    loadedUntil: until === null ? null : Number(until),
    inventories: new Map(Object.entries(inventories)),
  };
}

/** The answers that a feed's published day was built from. Their keys follow from what the polls say. Redshift's too. */
export async function publishedAnswers(pool: pg.Pool, day: Day, feed: string): Promise<PublishedAnswers> {
  const { rows } = await pool.query<{ bodies: number }>(
    'select bodies from ops.ledger where day = $1 and feed = $2',
    [day, feed],
  );
  // A warehouse that awaits its rebuild has the whole key, and no digest: so every column is read.
  const { rows: polls } = await pool.query<Polled & { key?: string }>(
    'select * from ops.poll where day = $1 and feed = $2 order by slot',
    [day, feed],
  );
  const keyOf = ({ key, slot, received_at, digest }: (typeof polls)[number]) =>
    key ??
    rawKey({ kind: 'polls', feed, day, slot: slot.getTime(), receivedMs: received_at.getTime(), digest });
  return { bodies: rows[0]?.bodies ?? 0, keys: polls.map(keyOf) };
}

interface Polled {
  slot: Date;
  received_at: Date;
  digest: string;
}

type Inventories = Record<string, string>;

/** Puts what is published of the day beside what an addition has copied aside: runs, polls and findings. */
export async function bringPublished(client: pg.PoolClient, day: Day): Promise<void> {
  for (const table of RUN_FILES)
    await client.query(`insert into new_${table} select * from ${table} where day = $1`, [day]);
}

/**
 * Throws NotAddable where two feeds show one id: whose it is depends on all slots of the day, also on those that stand in
 * the warehouse already. Call where the load's runs are found. Redshift's too.
 */
export async function refuseSharedIds(client: pg.PoolClient): Promise<void> {
  for (const { run, id } of DIMENSIONS) {
    const { rows } = await client.query<{ id: string | number }>(
      `select ${id} as id from new_${run} group by ${id} having count(distinct feed) > 1 limit 1`,
    );
    if (rows[0]) throw new NotAddable(`two feeds show the ${id} ${rows[0].id}: the day is loaded as a whole`);
  }
}

/** Throws LoadOutdated where the day is no longer what the load was to be added to. Call with publications locked. Redshift's too. */
export async function requireBase(client: pg.PoolClient, { day, addsTo }: Load): Promise<void> {
  const { rows } = await client.query<{ revision: number | null }>(
    'select max(revision) as revision from day_revision where day = $1',
    [day],
  );
  const revision = rows[0]?.revision ?? null;
  if (revision !== addsTo)
    throw new LoadOutdated(`${day} is at revision ${revision}, but was to be added to revision ${addsTo}`);
}

/** Adds what the published day counts to what the addition counts. */
export async function addPublishedLedger(client: pg.PoolClient, day: Day): Promise<void> {
  const sums = LEDGER_COUNTS.map((count) => `${count} = new_ledger.${count} + excluded.${count}`);
  await client.query(
    `insert into new_ledger select * from ledger where day = $1
     on conflict (day, feed) do update set ${sums.join(', ')}`,
    [day],
  );
}
