import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { RUN_FILES } from '../../domain/flatFiles.js';
import { LEDGER_COUNTS } from '../../domain/ledger.js';
import type { PublishedDay } from '../warehouse.js';

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

type Inventories = Record<string, string>;

/** Puts what is published of the day beside what an addition has copied aside: runs, polls and findings. */
export async function bringPublished(client: pg.PoolClient, day: Day): Promise<void> {
  for (const table of RUN_FILES)
    await client.query(`insert into new_${table} select * from ${table} where day = $1`, [day]);
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
