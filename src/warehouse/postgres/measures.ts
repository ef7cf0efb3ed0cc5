import type { Measures, PeriodQuery, RollUp } from '../measures.js';
import { readPeriod, TIME_KEYS } from './period.js';

const STATION_LABEL = `concat_ws(', ', station.name, station.address, station.city)`;

/** What the rows of a roll-up are: of charging points as they were in each hour, or of the hours. */
const KEYS: Record<RollUp, { key: string; of: 'point' | 'hour'; label?: string }> = {
  point: { key: 'id_cp', of: 'point', label: `concat_ws(', ', latest.evse_id, ${STATION_LABEL})` },
  station: { key: 'id_cs::text', of: 'point', label: STATION_LABEL },
  city: { key: 'city', of: 'point' },
  postal_code: { key: 'postal_code', of: 'point' },
  operator: { key: 'operator', of: 'point' },
  power: { key: 'power_class', of: 'point' },
  standard: { key: 'standard', of: 'point' },
  hour: { key: 'hour_of_day::text', of: 'hour' },
  weekday: { key: 'weekday::text', of: 'hour' },
  day: { key: TIME_KEYS.day, of: 'hour' },
  week: { key: TIME_KEYS.week, of: 'hour' },
  month: { key: TIME_KEYS.month, of: 'hour' },
};

/** Charging points of several standards count for each of them; others are one row a version. */
const STANDARDS = `cross join lateral unnest(coalesce(standards, array[null])) as standard`;

const groupMinutes = (group: string) =>
  `sum(case when meaning.status_group = '${group}' then minutes else 0 end)::float8`;

/** Sums of each key and of all together, and of each bucket of both; bucket 0 is the whole period. */
const SETS = 'group by grouping sets ((), (bucket), (key), (key, bucket))';
const GROUP = `
  grouping(key) = 1 as "isTotal",
  case when grouping(key) = 1 then '' else key end as key,
  case when grouping(bucket) = 1 then 0 else bucket end as bucket`;
const SAME = 'using ("isTotal", key, bucket)';
const OWNED = 'hour >= point.first_hour and (point.end_hour is null or hour < point.end_hour)';

const statement = (by: RollUp) => {
  const { key, of, label } = KEYS[by];
  const text = `coalesce(${key}, '') as key`;
  return `
    with point as materialized (
      select id_cp, id_cs, first_hour, end_hour${of === 'point' ? `, ${text}` : ''}
      from charging_point_as_was ${by === 'standard' ? STANDARDS : ''}
      where end_hour is null or first_hour < end_hour
    ), calendar as materialized (
      select hour, (day - $1::date) / $3::int + 1 as bucket${of === 'hour' ? `, ${text}` : ''}
      from calendar_hour where day between $1 and $2
    ), possible as (
      select ${GROUP}, count(distinct id_cp)::int as points, count(distinct id_cs)::int as stations,
        60 * count(*)::float8 as possible
      from point join calendar on ${OWNED}
      ${SETS}
    ), observed as (
      select ${GROUP},
        ${groupMinutes('available')} as available,
        ${groupMinutes('occupied')} as occupied,
        ${groupMinutes('out_of_service')} as out_of_service,
        sum(case when meaning.is_charging then minutes else 0 end)::float8 as charging,
        sum(minutes)::float8 as observed
      from status_hour join calendar using (hour) join point on point.id_cp = status_hour.id_cp and ${OWNED}
      left join config.status_group as meaning using (status)
      where status_hour.day between $1 and $2
      ${SETS}
    ), charged as (
      select ${GROUP}, count(*)::int as events, sum(duration_minutes)::float8 as event_minutes,
        percentile_cont(0.5) within group (order by duration_minutes) as median_event_minutes,
        count(*) filter (where coalesce(start_cut, end_cut) is not null)::int as cut_events
      from charging_event as event
      join calendar on calendar.hour = date_trunc('hour', event.start_at, 'UTC')
      join point on point.id_cp = event.id_cp and ${OWNED}
      where event.day between $1 and $2
      ${SETS}
    ), broken as (
      select ${GROUP}, count(*)::int as outages, max(duration_minutes) as longest_outage_minutes
      from outage
      join calendar on calendar.hour = date_trunc('hour', outage.start_at, 'UTC')
      join point on point.id_cp = outage.id_cp and ${OWNED}
      ${SETS}
    )
    select "isTotal", possible.key, ${label ?? 'null'} as label, bucket, points, stations, possible,
      coalesce(available, 0) as available, coalesce(occupied, 0) as occupied, coalesce(charging, 0) as charging,
      coalesce(out_of_service, 0) as out_of_service, coalesce(observed, 0) as observed,
      coalesce(events, 0) as events, coalesce(event_minutes, 0) as "eventMinutes",
      median_event_minutes as "medianEventMinutes", coalesce(cut_events, 0) as "cutEvents",
      coalesce(outages, 0) as outages, longest_outage_minutes as "longestOutageMinutes"
    from possible
    left join observed ${SAME} left join charged ${SAME} left join broken ${SAME}
    ${by === 'point' ? 'left join charging_point as latest on latest.id_cp = possible.key' : ''}
    ${label ? `left join charging_station as station on station.id_cs = ${by === 'point' ? 'latest.id_cs' : `nullif(possible.key, '')::int`}` : ''}
    where possible > 0
    order by possible.key, bucket`;
};

/** Reads the measures of a period; see {@link Measures}. */
export async function readMeasures(
  url: string,
  { from, to, by, bucketDays }: PeriodQuery<RollUp>,
): Promise<Measures[]> {
  return readPeriod(url, statement(by), [from, to, bucketDays]);
}
