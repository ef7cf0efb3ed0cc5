import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { later, minutesBetween } from './clock.js';
import { instant, literal } from '../literal.js';

const HOUR_MS = 3_600_000;
/** The numbers of `ladepuls.step`. */
const STEPS = 1500;

const HOUR_END = later('hour', '1', 'calendar.hour');

/** The hours of UTC that a load measures: from the beginning of the first to that of the first behind them. */
export interface Hours {
  start: Date;
  end: Date;
}

/** The given hours without the one that is under way, by the database's clock, and what follows it. */
export async function endedHours(
  client: pg.PoolClient,
  hours: { start: number; end: number },
): Promise<Hours> {
  const { rows } = await client.query<{ now: string }>(
    `select extract(epoch from sysdate at time zone 'UTC') as now`,
  );
  const nowMs = Number(rows[0]?.now) * 1000;
  return {
    start: new Date(hours.start),
    end: new Date(Math.min(hours.end, Math.floor(nowMs / HOUR_MS) * HOUR_MS)),
  };
}

/** Keeps in `calendar_hour` every hour from the first day that is loaded to the end of the last one, as far as that is loaded. */
export async function publishCalendar(
  client: pg.PoolClient,
  { dayStart, end }: { dayStart: number; end: Date },
  timeZone: string,
): Promise<void> {
  const { rows } = await client.query<{ first: Date | null; last: Date | null }>(
    'select min(hour) as first, max(hour) as last from calendar_hour',
  );
  const first = Math.floor(dayStart / HOUR_MS) * HOUR_MS;
  const known = rows[0];
  if (known?.first && known.last) {
    await addHours(client, first, known.first.getTime(), timeZone);
    await addHours(client, known.last.getTime() + HOUR_MS, end.getTime(), timeZone);
  } else await addHours(client, first, end.getTime(), timeZone);
}

/** Adds the hours from one that is included to one that is not; none where that is not later. */
async function addHours(client: pg.PoolClient, from: number, until: number, timeZone: string): Promise<void> {
  const hours = (until - from) / HOUR_MS;
  if (hours <= 0) return;
  await client.query(
    `insert into calendar_hour (hour, day, hour_of_day, weekday, week, month, year)
     select hour, local::date, extract(hour from local), extract(dow from local), extract(week from local),
       extract(month from local), extract(year from local)
     from (
       select hour, hour at time zone ${literal(timeZone)} as local
       from (
         select ${later('hour', `many.step * ${STEPS} + one.step`, instant(new Date(from)))} as hour
         from ladepuls.step many
         cross join ladepuls.step one
         where many.step <= ${Math.floor(hours / STEPS)} and many.step * ${STEPS} + one.step < ${hours}
       ) numbered
     ) placed`,
  );
}

/**
 * Replaces how many minutes of each hour a charging point was observed to have a status: the part of its published intervals
 * that is in it. Call when the calendar has the hours.
 */
export async function publishStatusHours(client: pg.PoolClient, day: Day, hours: Hours): Promise<void> {
  const [start, end] = [instant(hours.start), instant(hours.end)];
  await client.query(`delete from status_hour where day = ${literal(day)} and hour >= ${start}`);
  await client.query(
    `insert into status_hour (day, hour, id_cp, status, minutes)
     select part.day, calendar.hour, part.id_cp, part.status,
       sum(${minutesBetween('greatest(part.start_at, calendar.hour)', `least(part.end_at, ${HOUR_END})`)})::smallint
     from status_interval part
     join calendar_hour calendar
       on calendar.hour < part.end_at and ${HOUR_END} > part.start_at
     where part.day = ${literal(day)} and part.end_at > ${start}
       and calendar.hour >= ${start} and calendar.hour < ${end}
     group by part.day, calendar.hour, part.id_cp, part.status`,
  );
}
