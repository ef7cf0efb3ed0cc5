import type pg from 'pg';
import { addDays, type Day, dayBounds, dayOf } from '../../domain/day.js';
import { LONGEST_INTERVAL_MINUTES } from '../load/hours.js';
import { LoadRefused, type Load, type PublishOptions } from '../warehouse.js';
import { later, minutesBetween } from './clock.js';
import { withTemporary } from '../load/temporary.js';
import { STATUS_INTERVAL, list, replaceDay } from '../load/tables.js';
import { instant, literal } from '../literal.js';

const MINUTE_MS = 60_000;
const COLUMNS = [
  'id_cp',
  'start_at',
  'end_at',
  'day',
  'observed_minutes',
  'interval_minutes',
  'status',
  'status_before',
  'status_after',
  'start_cut',
  'end_cut',
];

/** The day that is published, as its statements name it. */
interface Published {
  day: Day;
  start: string;
  end: string;
  /** What ends before, or begins behind, is too far away for a slot to be bridged. */
  nearStart: string;
  nearEnd: string;
  /** The days that have whatever is next to this one. */
  firstDay: Day;
  lastDay: Day;
  bridgedSlots: number;
  timeZone: string;
}

/**
 * Brings events up to date with the intervals of the load's day, and publishes these, as
 * sql/postgres/marts/status_event.sql says: a day changes only the events that touch it, or come within the bridged slots
 * of it. Call in the publication. It reads the ids and times of all events of the day's charging points, which are sorted by
 * day, and of intervals those of the days around it.
 */
export async function publishEvents(
  client: pg.PoolClient,
  { day }: Load,
  { timeZone, bridgedSlots }: PublishOptions,
): Promise<void> {
  const published = around(day, timeZone, bridgedSlots);
  await client.query(
    `update new_status_interval set end_at = ${published.end} where end_at > ${published.end}`,
  );
  await withTemporary(client, 'touched_point', 'distkey (id_cp)', TOUCHED(published), () =>
    withTemporary(client, 'near_event', 'distkey (id_cp)', NEAR(published), () =>
      deriveEvents(client, published),
    ),
  );
  await replaceDay(client, STATUS_INTERVAL, day);
}

function around(day: Day, timeZone: string, bridgedSlots: number): Published {
  const { start, end } = dayBounds(day, timeZone);
  const reachMs = bridgedSlots * LONGEST_INTERVAL_MINUTES * MINUTE_MS;
  return {
    day,
    start: instant(new Date(start)),
    end: instant(new Date(end)),
    nearStart: instant(new Date(start - reachMs)),
    nearEnd: instant(new Date(end + reachMs)),
    firstDay: addDays(dayOf(start - reachMs, timeZone), -1),
    lastDay: dayOf(end + reachMs, timeZone),
    bridgedSlots,
    timeZone,
  };
}

async function deriveEvents(client: pg.PoolClient, published: Published): Promise<void> {
  await withTemporary(client, 'part_before', 'distkey (id_cp)', PART_BEFORE(published), async () =>
    withTemporary(
      client,
      'minutes_before',
      'distkey (id_cp)',
      MINUTES_BEFORE(published, await firstDayAround(client, published)),
      () =>
        withTemporary(client, 'event_piece', 'distkey (id_cp)', PIECES(published), () =>
          withTemporary(client, 'made_event', 'distkey (id_cp)', MADE(published), () =>
            replaceEvents(client),
          ),
        ),
    ),
  );
}

/** The first day of the events that begin before the day and end behind it; the day itself where there are none. */
async function firstDayAround(client: pg.PoolClient, { day, start, end }: Published): Promise<Day> {
  const { rows } = await client.query<{ first: Day | null }>(
    `select to_char(min(day), 'YYYY-MM-DD') as first from near_event where start_at < ${start} and end_at > ${end}`,
  );
  return rows[0]?.first ?? day;
}

async function replaceEvents(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ broken: string }>(BROKEN);
  const broken = Number(rows[0]?.broken);
  if (broken > 0)
    throw new LoadRefused(`the day is not published, for ${broken} of its events are no stretches of time`);
  await withTemporary(client, 'same_event', 'distkey (id_cp)', SAME, async () => {
    // Most of those beside the day stay as they are: nothing is rewritten.
    for (const table of ['near_event', 'made_event'])
      await client.query(
        `delete from ${table} using same_event
         where ${table}.id_cp = same_event.id_cp and ${table}.start_at = same_event.start_at`,
      );
  });
  await client.query(
    `delete from status_event using near_event
     where status_event.id_cp = near_event.id_cp and status_event.start_at = near_event.start_at`,
  );
  await client.query(`insert into status_event (${list(COLUMNS)}) select ${list(COLUMNS)} from made_event`);
}

const TOUCHED = ({ day }: Published) =>
  `select id_cp from status_interval where day = ${literal(day)} union select id_cp from new_status_interval`;

/**
 * The events that may change, with what they have of the day as it is published: side 1. Those next to them, 0 before and 2
 * behind, keep all but the word for what cuts them off.
 */
const NEAR = ({ day, nearStart, nearEnd }: Published) => `
  with bound as (
    select event.id_cp,
      max(case when event.end_at < ${nearStart} then event.start_at end) as earlier,
      min(case when event.start_at > ${nearEnd} then event.start_at end) as later
    from status_event event
    join touched_point on touched_point.id_cp = event.id_cp
    group by event.id_cp
  ), near as (
    select ${list(COLUMNS, 'event.')},
      case when event.start_at = bound.earlier then 0 when event.start_at = bound.later then 2 else 1 end as side
    from status_event event
    join bound on bound.id_cp = event.id_cp
    where (bound.earlier is null or event.start_at >= bound.earlier)
      and (bound.later is null or event.start_at <= bound.later)
  ), of_day as (
    select near.id_cp, near.start_at, sum(${minutesBetween('part.start_at', 'part.end_at')}) as minutes
    from near
    join status_interval part on part.id_cp = near.id_cp
      and part.start_at >= near.start_at and part.start_at < near.end_at
    where part.day = ${literal(day)}
    group by near.id_cp, near.start_at
  )
  select ${list(COLUMNS, 'near.')}, near.side, coalesce(of_day.minutes, 0)::int as minutes_of_day
  from near
  left join of_day on of_day.id_cp = near.id_cp and of_day.start_at = near.start_at`;

/** Of events that begin before the day and go on in it, the last interval before it. */
const PART_BEFORE = ({ day, start, firstDay }: Published) => `
  with placed as (
    select part.id_cp, part.end_at, part.interval_minutes,
      row_number() over (partition by part.id_cp order by part.start_at desc) as place
    from near_event event
    join status_interval part on part.id_cp = event.id_cp
    where event.start_at < ${start} and event.end_at > ${start}
      and part.day >= ${literal(firstDay)} and part.day < ${literal(day)}
  )
  select id_cp, end_at, interval_minutes from placed where place = 1`;

/** Of events that begin before the day and end behind it, how much was observed before it: only they are added up again. */
const MINUTES_BEFORE = ({ day, start, end }: Published, first: Day) => `
  select event.id_cp, sum(${minutesBetween('part.start_at', 'part.end_at')})::int as minutes
  from near_event event
  join status_interval part on part.id_cp = event.id_cp and part.start_at >= event.start_at
  where event.start_at < ${start} and event.end_at > ${end}
    and part.day >= ${literal(first)} and part.day < ${literal(day)}
  group by event.id_cp`;

/** What there is of the events without the day, before it and behind it, each as one piece; and the day's new intervals. */
const PIECES = ({ day, start, end, lastDay }: Published) => `
  with part_behind as (
    select event.id_cp, min(part.start_at) as start_at
    from near_event event
    join status_interval part on part.id_cp = event.id_cp
    where event.start_at < ${end} and event.end_at > ${end}
      and part.day > ${literal(day)} and part.day <= ${literal(lastDay)}
    group by event.id_cp
  )
  select event.id_cp, event.start_at, part_before.end_at, event.status, part_before.interval_minutes,
    case when event.end_at > ${end} then minutes_before.minutes else event.observed_minutes - event.minutes_of_day end
      as observed_minutes,
    event.side, event.status_before, event.status_after, event.start_cut, event.end_cut
  from near_event event
  join part_before on part_before.id_cp = event.id_cp
  left join minutes_before on minutes_before.id_cp = event.id_cp
  where event.start_at < ${start} and event.end_at > ${start}
  union all
  select event.id_cp, event.start_at, event.end_at, event.status, event.interval_minutes, event.observed_minutes,
    event.side, event.status_before, event.status_after, event.start_cut, event.end_cut
  from near_event event
  where event.end_at <= ${start} or event.start_at >= ${end}
  union all
  select event.id_cp, part_behind.start_at, event.end_at, event.status, event.interval_minutes,
    event.observed_minutes - event.minutes_of_day
      - case when event.start_at < ${start} then minutes_before.minutes else 0 end,
    event.side, event.status_before, event.status_after, event.start_cut, event.end_cut
  from near_event event
  join part_behind on part_behind.id_cp = event.id_cp
  left join minutes_before on minutes_before.id_cp = event.id_cp
  where event.start_at < ${end} and event.end_at > ${end}
  union all
  select part.id_cp, part.start_at, part.end_at, part.status, part.interval_minutes,
    ${minutesBetween('part.start_at', 'part.end_at')}::int,
    1, null::varchar(256), null::varchar(256), null::varchar(32), null::varchar(32)
  from new_status_interval part`;

/** The events that these pieces make. */
const MADE = ({ bridgedSlots, timeZone }: Published) => `
  with reaching as (
    select id_cp, start_at, end_at, status, interval_minutes, observed_minutes, side,
      status_before, status_after, start_cut, end_cut,
      ${later('minute', `${bridgedSlots} * interval_minutes`, 'end_at')} as reached
    from event_piece
  ), neighboured as (
    select id_cp, start_at, end_at, status, interval_minutes, observed_minutes, side,
      status_before, status_after, start_cut, end_cut,
      lag(status) over (partition by id_cp order by start_at) as earlier_status,
      lag(end_at) over (partition by id_cp order by start_at) as earlier_end,
      lead(status) over (partition by id_cp order by start_at) as later_status,
      lead(start_at) over (partition by id_cp order by start_at) as later_start,
      case when start_at <= lag(reached) over (partition by id_cp order by start_at) then 1 else 0 end as is_linked,
      case when lead(start_at) over (partition by id_cp order by start_at) <= reached then 1 else 0 end as links
    from reaching
  ), numbered as (
    select id_cp, start_at, end_at, status, interval_minutes, observed_minutes,
      case when side = 0 then status_before when is_linked = 1 then earlier_status end as status_before,
      case when side = 2 then status_after when links = 1 then later_status end as status_after,
      case
        when side = 0 then start_cut
        when is_linked = 0 then case when earlier_end is null then 'edge' else 'gap' end
      end as start_cut,
      case
        when side = 2 then end_cut
        when links = 0 then case when later_start is null then 'edge' else 'gap' end
      end as end_cut,
      sum(case when is_linked = 1 and earlier_status = status then 0 else 1 end)
        over (partition by id_cp order by start_at rows unbounded preceding) as number
    from neighboured
  ), placed as (
    select id_cp, start_at, end_at, status, interval_minutes, observed_minutes,
      status_before, status_after, start_cut, end_cut, number,
      row_number() over (partition by id_cp, number order by start_at) as from_first,
      row_number() over (partition by id_cp, number order by start_at desc) as from_last
    from numbered
  )
  select id_cp, min(start_at) as start_at, max(end_at) as end_at,
    (min(start_at) at time zone ${literal(timeZone)})::date as day,
    sum(observed_minutes)::int as observed_minutes,
    max(case when from_last = 1 then interval_minutes end) as interval_minutes,
    status,
    max(case when from_first = 1 then status_before end)::varchar(256) as status_before,
    max(case when from_last = 1 then status_after end)::varchar(256) as status_after,
    max(case when from_first = 1 then start_cut end)::varchar(32) as start_cut,
    max(case when from_last = 1 then end_cut end)::varchar(32) as end_cut
  from placed
  group by id_cp, number, status`;

/** What Postgres' keys and CHECK constraints promise of events. */
const BROKEN = `
  with made as (
    select start_at, end_at, observed_minutes, status_before, status_after, start_cut, end_cut,
      lead(start_at) over (partition by id_cp order by start_at) as later_start
    from made_event
  )
  select count(*) as broken from made
  where end_at <= start_at or later_start < end_at or observed_minutes is null or observed_minutes <= 0
    or (status_before is null and start_cut is null) or (status_before is not null and start_cut is not null)
    or (status_after is null and end_cut is null) or (status_after is not null and end_cut is not null)`;

const SAME = `
  select near_event.id_cp, near_event.start_at
  from near_event
  join made_event made on made.id_cp = near_event.id_cp and made.start_at = near_event.start_at
  where near_event.end_at = made.end_at
    and near_event.observed_minutes = made.observed_minutes
    and near_event.interval_minutes = made.interval_minutes
    and near_event.status = made.status
    ${['status_before', 'status_after', 'start_cut', 'end_cut']
      .map((column) => `and coalesce(near_event.${column}, '') = coalesce(made.${column}, '')`)
      .join('\n    ')}`;
