import type pg from 'pg';
import { addDays, dayBounds, dayOf } from '../../domain/day.js';
import type { Dialect } from '../load/dialect.js';
import type { Load, PublishOptions } from '../warehouse.js';
import { type Measure, MEASURES } from './registry.js';
import { runMeasure } from './run.js';
import { type Parameters, Sql } from './sql.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Longest possible interval of a feed. */
const LONGEST_INTERVAL_MINUTES = 60;

/**
 * Derive the duration of each status from the status spans in staging, and the measures that are made in staging.
 * Idempotent. Call when the search path has the load's staging schema, after overlaps of spans are split.
 *
 * A load that leaves its facts in the archive has no status spans. The intervals are then copied from the published
 * warehouse.
 */
export async function deriveIntervals(
  client: pg.PoolClient,
  { database, warehouses }: Pick<Dialect, 'database' | 'warehouses'>,
  load: Load,
  timeZone: string,
): Promise<void> {
  const parameters = { ...ofLoad(load), ...ofHours(load, timeZone), ops: new Sql(warehouses.published.ops) };
  await runMeasure(client, database, 'status_interval', parameters);
  if (load.withoutFacts) await runMeasure(client, database, 'published_intervals', parameters);
  for (const { table, stagedOn } of MEASURES as readonly Measure[])
    if (stagedOn?.includes(database)) await runMeasure(client, database, `new_${table}`, parameters);
}

/**
 * Update the measures with the load's day. Call in the transaction of the publication, after the load's spans are
 * published.
 *
 * A load that leaves its facts in the archive derives no measures from facts. The measures stay unchanged, and a
 * rebuild copies them from the published warehouse.
 */
export async function publishMeasures(
  client: pg.PoolClient,
  { database, warehouses }: Pick<Dialect, 'database' | 'warehouses'>,
  load: Load,
  options: PublishOptions,
): Promise<void> {
  if (load.withoutFacts && !load.isRebuild) return;
  const published = new Sql(warehouses.published.warehouse);
  const parameters = { ...ofLoad(load), ...ofDay(load, options), published };
  for (const measure of MEASURES as readonly Measure[]) {
    const isRetained = load.withoutFacts && measure.from === 'facts';
    await runMeasure(client, database, isRetained ? 'published_measure' : measure.table, {
      ...parameters,
      measure: new Sql(measure.table),
    });
  }
}

function ofLoad({ day, addsTo }: Load): Parameters {
  return { day, is_addition: addsTo !== undefined };
}

/** Return the parameters of measures about the hours of the load. Instants are Dates. */
function ofHours(load: Load, timeZone: string) {
  const hours = measuredHours(load, timeZone);
  return {
    day_end: new Date(dayBounds(load.day, timeZone).end),
    // Begin and end of the hours to measure. The current hour by the database's clock is left out, because its minutes
    // are not complete.
    hours_start: new Date(hours.start),
    hours_end: new Date(hours.end),
    // Usually a window begins with an hour. All facts of the measured hours are then in staging.
    begins_within_hour:
      load.addsTo !== undefined && load.window !== undefined && load.window.from > hours.start,
  } satisfies Parameters;
}

/** Return the parameters of measures about the published day, besides those of {@link ofLoad}. Instants are Dates. */
function ofDay(load: Load, { timeZone, bridgedSlots }: Pick<PublishOptions, 'timeZone' | 'bridgedSlots'>) {
  const { start, end } = dayBounds(load.day, timeZone);
  const reachMs = bridgedSlots * LONGEST_INTERVAL_MINUTES * MINUTE_MS;
  return {
    ...ofHours(load, timeZone),
    day_start: new Date(start),
    bridged_slots: bridgedSlots,
    time_zone: timeZone,
    // Status periods that end before `near_start` or begin after `near_end` are too far away from the day for missing slots
    // to be bridged. `first_day_near` and `last_day_near` are the days of the status periods near the day.
    near_start: new Date(start - reachMs),
    near_end: new Date(end + reachMs),
    first_day_near: addDays(dayOf(start - reachMs, timeZone), -1),
    last_day_near: dayOf(end + reachMs, timeZone),
  } satisfies Parameters;
}

/** Return the range of UTC hours that a load measures, half-open, in milliseconds since the epoch. */
function measuredHours({ day, window }: Load, timeZone: string): { start: number; end: number } {
  const { start, end } = dayBounds(day, timeZone);
  return {
    start: Math.floor((window?.from ?? start) / HOUR_MS) * HOUR_MS,
    end: window ? Math.floor(window.to / HOUR_MS) * HOUR_MS : Math.ceil(end / HOUR_MS) * HOUR_MS,
  };
}
