import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { dayBounds } from '../../domain/day.js';
import { LONGEST_INTERVAL_MINUTES, measuredHours } from '../load/hours.js';
import type { Load, PublishOptions } from '../warehouse.js';
import { PUBLISHED } from './schemas.js';

/** Derives from the runs of statuses that stand aside how long each status lasted. Call where the load's tables are found. */
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
  const hours = measuredHours(load, options.timeZone);
  await client.query(
    `create temp table publishing on commit drop as
     select $1::date as day, $2::timestamptz as day_start, $3::timestamptz as day_end,
       $4::timestamptz as hours_start, least($5::timestamptz, date_trunc('hour', now(), 'UTC')) as hours_end,
       $6::int as bridged_slots, $6 * interval '${LONGEST_INTERVAL_MINUTES} minutes' as reach, $7::text as time_zone`,
    [
      load.day,
      ...[start, end, hours.start, hours.end].map((instantMs) => new Date(instantMs)),
      options.bridgedSlots,
      options.timeZone,
    ],
  );
  if (load.withoutFacts) await keepPublished(client, load);
  for (const name of ['status_event', 'calendar_hour', 'status_hour']) await client.query(mart(name));
  if (load.withoutFacts) return;
  // Windows mostly begin with an hour: then all facts of the hours that they measure are their own.
  const needsEarlier =
    load.addsTo !== undefined && load.window !== undefined && load.window.from > hours.start;
  await client.query(mart('parking_hour'), [load.day, needsEarlier]);
}

/** What follows from facts that stay in the archive is in the rebuilt warehouse what it is in the published one. */
async function keepPublished(client: pg.PoolClient, { day }: Load): Promise<void> {
  await client.query(
    `insert into new_status_interval select * from ${PUBLISHED.ops}.status_interval where day = $1`,
    [day],
  );
  await client.query('delete from parking_hour where day = $1', [day]);
  await client.query(
    `insert into parking_hour select * from ${PUBLISHED.warehouse}.parking_hour where day = $1`,
    [day],
  );
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
