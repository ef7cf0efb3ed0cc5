import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { CONTENT_FILES } from '../../domain/flatFiles.js';
import { rawKey } from '../../stores/rawObject.js';
import { literal } from '../literal.js';
import {
  type Load,
  LoadOutdated,
  NotAddable,
  type PublishedAnswers,
  type PublishedDay,
} from '../warehouse.js';
import { DIMENSIONS } from '../dimensions.js';
import { type DayTable, FILE_TABLES, LEDGER, list, stagingTable } from './tables.js';

/** Every day that was ever published, in order. */
export async function publishedDays(pool: pg.Pool): Promise<Day[]> {
  const { rows } = await pool.query<{ day: Day }>(
    `select distinct to_char(day, 'YYYY-MM-DD') as day from ops.day_revision order by 1`,
  );
  return rows.map(({ day }) => day);
}

/** What a later load of the same day must know of its latest publication. */
export async function publishedDay(pool: pg.Pool, day: Day): Promise<PublishedDay | null> {
  const { rows } = await pool.query<{
    revision: number;
    published: string;
    until: string | null;
    feed: string | null;
    inventory: string | null;
  }>(
    `select published.revision, extract(epoch from published.published_at) * 1000 as published,
       extract(epoch from published.loaded_until) * 1000 as until, ledger.feed, ledger.inventory
     from ops.day_revision published left join ops.ledger ledger on ledger.day = published.day
     where published.day = ${literal(day)}
       and published.revision = (select max(revision) from ops.day_revision where day = ${literal(day)})`,
  );
  const [row] = rows;
  if (!row) return null;
  const inventories = new Map<string, string>();
  for (const { feed, inventory } of rows) if (feed !== null) inventories.set(feed, inventory ?? '');
  return {
    revision: row.revision,
    publishedMs: Number(row.published),
    loadedUntil: row.until === null ? null : Number(row.until),
    inventories,
  };
}

/** The answers that a feed's published day was built from. Their keys follow from what the polls say. */
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
    rawKey({ kind: 'accepted', feed, day, slot: slot.getTime(), receivedMs: received_at.getTime(), digest });
  return { bodies: rows[0]?.bodies ?? 0, keys: polls.map(keyOf) };
}

interface Polled {
  slot: Date;
  received_at: Date;
  digest: string;
}

/** Puts what is published of the day beside what an addition has in staging: content spans, polls and findings. */
export async function bringPublished(client: pg.PoolClient, day: Day): Promise<void> {
  for (const file of CONTENT_FILES) await bring(client, FILE_TABLES[file], day);
}

/** Puts what the published day counts beside what the addition counts. */
export function bringPublishedLedger(client: pg.PoolClient, day: Day): Promise<void> {
  return bring(client, LEDGER, day);
}

async function bring(client: pg.PoolClient, of: DayTable, day: Day): Promise<void> {
  await client.query(
    `insert into ${stagingTable(of)} (${list(of.columns)})
     select ${list(of.columns)} from ${of.table} where day = ${literal(day)}`,
  );
}

/**
 * Throws NotAddable where two feeds show one id: whose it is depends on all slots of the day, also on those that stand in
 * the warehouse already. Call where the load's spans are found.
 */
export async function refuseSharedIds(client: pg.PoolClient): Promise<void> {
  for (const { spans, id } of DIMENSIONS) {
    const { rows } = await client.query<{ id: string | number }>(
      `select ${id} as id from new_${spans} group by ${id} having count(distinct feed) > 1 limit 1`,
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
