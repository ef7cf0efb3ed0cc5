import type { Measures, PeriodQuery, RollUp } from '../measures.js';
import { asText, joined, readPeriod, TIME_KEYS } from './period.js';

const STATION = ['station.name', 'station.address', 'station.city'];

/** Keys of the roll-ups. A key belongs to a charging point, as its attributes were in each hour, or to an hour. */
const KEYS: Record<RollUp, { key: string; of: 'point' | 'hour'; label?: string }> = {
  point: { key: 'point.id_cp', of: 'point', label: joined('latest.evse_id', ...STATION) },
  station: { key: asText('point.id_cs'), of: 'point', label: joined(...STATION) },
  city: { key: 'point.city', of: 'point' },
  postal_code: { key: 'point.postal_code', of: 'point' },
  operator: { key: 'point.operator', of: 'point' },
  power: { key: 'point.power_class', of: 'point' },
  standard: { key: 'connector.standard', of: 'point' },
  hour: { key: asText('hour_of_day'), of: 'hour' },
  weekday: { key: asText('weekday'), of: 'hour' },
  day: { key: TIME_KEYS.day, of: 'hour' },
  week: { key: TIME_KEYS.week, of: 'hour' },
  month: { key: TIME_KEYS.month, of: 'hour' },
};

/**
 * Join for the standards of a charging point. A charging point with several standards counts once for each. The column
 * `standards` is not used, because it is no array on Redshift.
 */
const STANDARDS = `
  left join public.connector_history as connector on connector.id_cp = point.id_cp and connector.valid_from <= point.valid_from
    and (connector.valid_to is null or connector.valid_to > point.valid_from) and connector.standard is not null`;

const groupMinutes = (group: string) =>
  `sum(case when meaning.status_group = '${group}' then minutes else 0 end)::float8`;

/** Groups: each key and all keys together, each for the whole period (bucket 0) and for each bucket. */
const SETS = 'group by grouping sets ((), (bucket_of_day), (key_of_row), (key_of_row, bucket_of_day))';
const GROUP = `
  case when grouping(key_of_row) = 1 then 1 else 0 end as all_keys,
  case when grouping(key_of_row) = 1 then '' else key_of_row end as key,
  case when grouping(bucket_of_day) = 1 then 0 else bucket_of_day end as bucket`;
/** The same groups, divided by the length of charging events. */
const SETS_OF_LENGTHS = `group by grouping sets (
  (duration_minutes), (duration_minutes, bucket_of_day), (duration_minutes, key_of_row), (duration_minutes, key_of_row, bucket_of_day)
)`;
const OWNED =
  'calendar.hour >= point.first_hour and (point.end_hour is null or calendar.hour < point.end_hour)';

/**
 * Median of the lengths of charging events: the middle length, or the mean of the two middle ones. PERCENTILE_CONT is
 * not used, because on Redshift all such aggregates of a statement must have one order, and `charging_point_as_was` has
 * a LISTAGG there. Also, there are far fewer different lengths than events.
 */
const MEDIAN = `avg(case
  when 2 * events_so_far >= all_events and 2 * (events_so_far - events) <= all_events then duration_minutes::float8
end)`;

const sameAsPossible = (table: string) =>
  ['all_keys', 'key', 'bucket'].map((column) => `${table}.${column} = possible.${column}`).join(' and ');
/** Return an expression for the beginning of the UTC hour of an instant. */
const hourOf = (at: string) => `date_trunc('hour', ${at} at time zone 'UTC') at time zone 'UTC'`;

const statement = (by: RollUp) => {
  const { key, of, label } = KEYS[by];
  const text = `coalesce(${key}, '') as key_of_row`;
  return `
    with point as (
      select ${by === 'standard' ? 'distinct' : ''} point.id_cp, point.id_cs, point.first_hour, point.end_hour${of === 'point' ? `, ${text}` : ''}
      from public.charging_point_as_was as point ${by === 'standard' ? STANDARDS : ''}
      where point.end_hour is null or point.first_hour < point.end_hour
    ), calendar as (
      select hour, (day - $1::date) / $3::int + 1 as bucket_of_day${of === 'hour' ? `, ${text}` : ''}
      from public.calendar_hour where day between $1 and $2
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
      from public.status_hour as measured
      join calendar on calendar.hour = measured.hour
      join point on point.id_cp = measured.id_cp and ${OWNED}
      left join config.status_group as meaning on meaning.status = measured.status
      where measured.day between $1 and $2
      ${SETS}
    ), event as (
      select key_of_row, bucket_of_day, event.duration_minutes,
        case when event.start_cut is null and event.end_cut is null then 0 else 1 end as is_cut
      from public.charging_event as event
      join calendar on calendar.hour = ${hourOf('event.start_at')}
      join point on point.id_cp = event.id_cp and ${OWNED}
      where event.day between $1 and $2
    ), length as (
      select ${GROUP}, duration_minutes, count(*) as events, sum(is_cut) as cut_events
      from event
      ${SETS_OF_LENGTHS}
    ), keyed as (
      select all_keys, key, bucket, duration_minutes, events, cut_events,
        sum(events) over (partition by all_keys, key, bucket) as all_events,
        sum(events) over (partition by all_keys, key, bucket order by duration_minutes rows unbounded preceding) as events_so_far
      from length
    ), charged as (
      select all_keys, key, bucket, sum(events)::int as events, sum(duration_minutes * events)::float8 as event_minutes,
        ${MEDIAN} as median_event_minutes, sum(cut_events)::int as cut_events
      from keyed group by all_keys, key, bucket
    ), broken as (
      select ${GROUP}, count(*)::int as outages, max(duration_minutes) as longest_outage_minutes
      from public.outage as outage
      join calendar on calendar.hour = ${hourOf('outage.start_at')}
      join point on point.id_cp = outage.id_cp and ${OWNED}
      ${SETS}
    )
    select possible.all_keys = 1 as is_total, possible.key, ${label ?? 'null'} as label, possible.bucket::int as bucket,
      points, stations, possible,
      coalesce(available, 0) as available, coalesce(occupied, 0) as occupied, coalesce(charging, 0) as charging,
      coalesce(out_of_service, 0) as out_of_service, coalesce(observed, 0) as observed,
      coalesce(events, 0) as events, coalesce(event_minutes, 0) as event_minutes, median_event_minutes,
      coalesce(cut_events, 0) as cut_events, coalesce(outages, 0) as outages, longest_outage_minutes
    from possible
    left join observed on ${sameAsPossible('observed')}
    left join charged on ${sameAsPossible('charged')}
    left join broken on ${sameAsPossible('broken')}
    ${by === 'point' ? 'left join public.charging_point as latest on latest.id_cp = possible.key' : ''}
    ${label ? `left join public.charging_station as station on ${by === 'point' ? 'station.id_cs = latest.id_cs' : `${asText('station.id_cs')} = possible.key`}` : ''}
    where possible.possible > 0
    order by possible.key, possible.bucket`;
};

interface Row extends Omit<
  Measures,
  'isTotal' | 'eventMinutes' | 'medianEventMinutes' | 'cutEvents' | 'longestOutageMinutes'
> {
  is_total: boolean;
  event_minutes: number;
  median_event_minutes: number | null;
  cut_events: number;
  longest_outage_minutes: number | null;
}

/** Read the measures of a period; see {@link Measures}. */
export async function readMeasures(
  url: string,
  { from, to, by, bucketDays }: PeriodQuery<RollUp>,
): Promise<Measures[]> {
  const rows = await readPeriod<Row>(url, statement(by), [from, to, bucketDays]);
  return rows.map(
    ({
      is_total: isTotal,
      event_minutes: eventMinutes,
      median_event_minutes: medianEventMinutes,
      cut_events: cutEvents,
      longest_outage_minutes: longestOutageMinutes,
      ...row
    }) => ({ isTotal, eventMinutes, medianEventMinutes, cutEvents, longestOutageMinutes, ...row }),
  );
}
