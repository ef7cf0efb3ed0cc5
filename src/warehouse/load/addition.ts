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

/** Return all days that were ever published, in ascending order. */
export async function publishedDays(pool: pg.Pool): Promise<Day[]> {
  const { rows } = await pool.query<{ day: Day }>(
    `select distinct to_char(day, 'YYYY-MM-DD') as day from ops.day_revision order by 1`,
  );
  return rows.map(({ day }) => day);
}

/** Return the latest publication of a day, for a later load of the same day; null if the day was never published. */
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

/**
 * Return the raw keys of the answers that a feed's published day was built from. The keys are derived from the columns
 * of `ops.poll`.
 */
export async function publishedAnswers(pool: pg.Pool, day: Day, feed: string): Promise<PublishedAnswers> {
  const { rows } = await pool.query<{ bodies: number }>(
    'select bodies from ops.ledger where day = $1 and feed = $2',
    [day, feed],
  );
  // Before its rebuild, an older warehouse has a column `key` and no column `digest`. Therefore all columns are
  // selected.
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

/** Copy the published content spans, polls, quarantined records and field issues of the day to staging, beside the rows of the addition. */
export async function bringPublished(client: pg.PoolClient, day: Day): Promise<void> {
  for (const file of CONTENT_FILES) await bring(client, FILE_TABLES[file], day);
}

/** Copy the published ledger of the day to staging, beside the counts of the addition. */
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
 * Check that no two feeds show the same id. Which feed the id belongs to depends on all slots of the day, including
 * those published already.
 *
 * Call when the search path has the load's staging schema.
 *
 * @throws NotAddable when two feeds show the same id
 */
export async function refuseSharedIds(client: pg.PoolClient): Promise<void> {
  for (const { spans, id } of DIMENSIONS) {
    const { rows } = await client.query<{ id: string | number }>(
      `select ${id} as id from new_${spans} group by ${id} having count(distinct feed) > 1 limit 1`,
    );
    if (rows[0])
      throw new NotAddable(
        `two feeds have the same ${id}, ${rows[0].id}: the whole day is loaded instead, automatically`,
      );
  }
}

/**
 * Check that the latest revision of the day is still the one that the addition was made for. Call while holding the
 * lock of publications.
 *
 * @throws LoadOutdated when the day has another revision
 */
export async function requireBase(client: pg.PoolClient, { day, addsTo }: Load): Promise<void> {
  const { rows } = await client.query<{ revision: number | null }>(
    'select max(revision) as revision from day_revision where day = $1',
    [day],
  );
  const revision = rows[0]?.revision ?? null;
  if (revision !== addsTo)
    throw new LoadOutdated(
      `${day} has revision ${revision}, but this load adds to revision ${addsTo}: it starts again automatically`,
    );
}
