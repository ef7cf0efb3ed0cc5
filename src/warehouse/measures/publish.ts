import type pg from 'pg';
import { addDays, dayBounds, dayOf } from '../../domain/day.js';
import type { Dialect } from '../load/dialect.js';
import type { Load, PublishOptions } from '../warehouse.js';
import { type Measure, MEASURES } from './registry.js';
import { type Database, runMeasure } from './run.js';
import { type Parameters, Sql } from './sql.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** No two slots of a feed are further apart. */
const LONGEST_INTERVAL_MINUTES = 60;

/**
 * Derives from the status spans in staging how long each status lasted. Call where the load's tables are found, once its spans
 * do not overlap. Idempotent.
 */
export async function deriveIntervals(client: pg.PoolClient, database: Database, load: Load): Promise<void> {
  await runMeasure(client, database, 'status_interval', ofLoad(load));
}

/**
 * Brings the measures up to date with the load's day. Call in the publication, once the load's spans are published. A load
 * that leaves its facts in the archive has no measures: they stay as they are, and a rebuild takes them over.
 */
export async function publishMeasures(
  client: pg.PoolClient,
  { database, warehouses }: Pick<Dialect, 'database' | 'warehouses'>,
  load: Load,
  options: PublishOptions,
): Promise<void> {
  if (load.withoutFacts && !load.isRebuild) return;
  const { warehouse, ops } = warehouses.published;
  const published = { published: new Sql(warehouse), ops: new Sql(ops) };
  const parameters = { ...ofLoad(load), ...ofDay(load, options), ...published };
  if (load.withoutFacts) await runMeasure(client, database, 'published_intervals', parameters);
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

/** Returns what a measure may know of the day that is published, beside {@link ofLoad}; instants are Dates. */
function ofDay(load: Load, { timeZone, bridgedSlots }: Pick<PublishOptions, 'timeZone' | 'bridgedSlots'>) {
  const { start, end } = dayBounds(load.day, timeZone);
  const hours = measuredHours(load, timeZone);
  const reachMs = bridgedSlots * LONGEST_INTERVAL_MINUTES * MINUTE_MS;
  return {
    day_start: new Date(start),
    day_end: new Date(end),
    // The hours to be measured. Of the one that is under way by the database's clock, nobody knows the minutes yet.
    hours_start: new Date(hours.start),
    hours_end: new Date(hours.end),
    // Windows mostly begin with an hour: then all facts of the hours that they measure are their own.
    begins_within_hour:
      load.addsTo !== undefined && load.window !== undefined && load.window.from > hours.start,
    bridged_slots: bridgedSlots,
    time_zone: timeZone,
    // What ends before, or begins behind, is too far away for slots to be bridged; and the days of what is next to the day.
    near_start: new Date(start - reachMs),
    near_end: new Date(end + reachMs),
    first_day_near: addDays(dayOf(start - reachMs, timeZone), -1),
    last_day_near: dayOf(end + reachMs, timeZone),
  } satisfies Parameters;
}

/** The hours of UTC that a load measures, from the beginning of the first to that of the first behind them, in ms. */
function measuredHours({ day, window }: Load, timeZone: string): { start: number; end: number } {
  const { start, end } = dayBounds(day, timeZone);
  return {
    start: Math.floor((window?.from ?? start) / HOUR_MS) * HOUR_MS,
    end: window ? Math.floor(window.to / HOUR_MS) * HOUR_MS : Math.ceil(end / HOUR_MS) * HOUR_MS,
  };
}
