import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { dayBounds } from '../../domain/day.js';
import type { Load, PublishOptions } from '../warehouse.js';
import { PUBLISHED } from './schemas.js';

/** No two slots of a feed are further apart. */
const LONGEST_INTERVAL = '60 minutes';

/** Derives from the facts that stand aside how long each status lasted. Call where the load's tables are found. */
export async function deriveIntervals(client: pg.PoolClient, { day, addsTo }: Load): Promise<void> {
  await client.query('truncate new_status_interval');
  // Should other intervals be published before this load is, it is no longer what the day can be added to.
  await client.query(mart('status_interval'), [addsTo === undefined ? null : day]);
}

/**
 * Brings the measures up to date with the load's day. Call in the publication, once the load's runs are published. A load
 * that leaves its facts in the archive has no measures: they stay as they are.
 */
export async function publishMarts(
  client: pg.PoolClient,
  load: Load,
  options: PublishOptions,
): Promise<void> {
  if (load.withoutFacts && !load.isRebuild) return;
  const { start, end } = dayBounds(load.day, options.timeZone);
  await client.query(
    `create temp table publishing on commit drop as
     select $1::date as day, $2::timestamptz as day_start, $3::timestamptz as day_end,
       $4::int as bridged_slots, $4 * interval '${LONGEST_INTERVAL}' as reach, $5::text as time_zone`,
    [load.day, new Date(start), new Date(end), options.bridgedSlots, options.timeZone],
  );
  if (load.withoutFacts)
    await client.query(
      `insert into new_status_interval select * from ${PUBLISHED.ops}.status_interval where day = $1`,
      [load.day],
    );
  await client.query(mart('status_event'));
}

const texts = new Map<string, string>();

/** The statements of a measure: plain SQL, from src/ and from dist/ alike. */
function mart(name: string): string {
  const text =
    texts.get(name) ??
    readFileSync(new URL(`../../../sql/postgres/marts/${name}.sql`, import.meta.url), 'utf8');
  texts.set(name, text);
  return text;
}
