import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { RUN_FILES } from '../../domain/flatFiles.js';
import type { PublishedDay } from '../warehouse.js';
import { literal } from './literal.js';
import { asideTable, type DayTable, FILE_TABLES, LEDGER, list } from './tables.js';

/** What a later load of the same day must know of its latest publication. */
export async function publishedDay(pool: pg.Pool, day: Day): Promise<PublishedDay | null> {
  const { rows } = await pool.query<{
    revision: number;
    published_at: Date;
    loaded_until: Date | null;
    feed: string | null;
    inventory: string | null;
  }>(
    `select published.revision, published.published_at, published.loaded_until, ledger.feed, ledger.inventory
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
    publishedMs: row.published_at.getTime(),
    loadedUntil: row.loaded_until?.getTime() ?? null,
    inventories,
  };
}

/** Puts what is published of the day beside what an addition has copied aside: runs, polls and findings. */
export async function bringPublished(client: pg.PoolClient, day: Day): Promise<void> {
  for (const file of RUN_FILES) await bring(client, FILE_TABLES[file], day);
}

/** Puts what the published day counts beside what the addition counts. */
export function bringPublishedLedger(client: pg.PoolClient, day: Day): Promise<void> {
  return bring(client, LEDGER, day);
}

async function bring(client: pg.PoolClient, of: DayTable, day: Day): Promise<void> {
  await client.query(
    `insert into ${asideTable(of)} (${list(of.columns)})
     select ${list(of.columns)} from ${of.table} where day = ${literal(day)}`,
  );
}
