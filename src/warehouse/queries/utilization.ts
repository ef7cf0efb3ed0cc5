import { iso } from './now.js';
import { Parameters, type ChargingPointFilter, type Query, type Period } from './query.js';

export const BUCKETS = ['hour', 'day', 'week', 'month', 'hour_of_day', 'weekday'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Minutes, events and shares of one bucket. */
export interface Utilization {
  /** Beginning of an hour (ISO 8601, UTC), a local day (for a week or month, its first day), or a number. */
  bucket: string | number;
  available_minutes: number;
  occupied_minutes: number;
  charging_minutes: number;
  out_of_service_minutes: number;
  unknown_minutes: number;
  unobserved_minutes: number;
  charging_starts: number;
  utilization: number | null;
  uptime: number | null;
  uptime_strict: number | null;
  observed_share: number | null;
}

/** Expression that each bucket is grouped by, and expression for its text. */
const BUCKET: Record<Bucket, { by: string; as: string }> = {
  hour: { by: 'counted.hour', as: iso('bucket') },
  day: { by: 'counted.day', as: 'bucket::text' },
  week: { by: `date_trunc('week', counted.day)`, as: 'bucket::date::text' },
  month: { by: `date_trunc('month', counted.day)`, as: 'bucket::date::text' },
  hour_of_day: { by: 'calendar.hour_of_day', as: 'bucket' },
  weekday: { by: 'calendar.weekday', as: 'bucket' },
};

const of = (condition: string) => `coalesce(sum(minutes) filter (where ${condition}), 0)::int`;
const group = (name: string) => of(`status_group = '${name}'`);
/** Sums of minutes and events, the same as in utilization_hour. */
const SUMS = `
  ${group('available')} as available_minutes,
  ${group('occupied')} as occupied_minutes,
  ${of('is_charging')} as charging_minutes,
  ${group('out_of_service')} as out_of_service_minutes,
  ${of(`status is not null and coalesce(status_group, 'unknown') = 'unknown'`)} as unknown_minutes,
  sum(possible_minutes - minutes)::int as unobserved_minutes,
  sum(charging_starts)::int as charging_starts`;
const KNOWN = 'nullif(available_minutes + occupied_minutes + out_of_service_minutes, 0)';
const OBSERVED = 'available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes';

/**
 * Charging points that ever belonged to a station or a city. {@link utilization} uses their keys to look up hours by
 * index. Without the keys, hours would be derived for all charging points.
 */
export const members: Query<[filter: ChargingPointFilter], { id_cp: string }> = {
  columns: ['id_cp'],
  statement(_, { id_cs, city }) {
    const parameters = new Parameters();
    const text = `
      select distinct point.id_cp
      from charging_point_history as point
      ${city === undefined ? '' : 'join charging_station_history as station using (id_cs)'}
      where ${parameters.where({ 'point.id_cs = ?': id_cs, 'lower(station.city) = lower(?)': city })}`;
    return { text, values: parameters.values };
  },
};

/**
 * Utilization of charging points in the hours in which they belonged to the station or the city. A row for each bucket
 * in which at least one belonged to it. `ids` are the charging points that may have belonged, from {@link members}.
 */
export const utilization: Query<
  [ids: readonly string[], filter: ChargingPointFilter, span: Period, by: Bucket],
  Utilization
> = {
  columns: [
    'bucket',
    'available_minutes',
    'occupied_minutes',
    'charging_minutes',
    'out_of_service_minutes',
    'unknown_minutes',
    'unobserved_minutes',
    'charging_starts',
    'utilization',
    'uptime',
    'uptime_strict',
    'observed_share',
  ],
  statement(_, ids, { id_cs, city }, { from, to }, by) {
    const parameters = new Parameters();
    const members = parameters.add(ids);
    const days = [parameters.add(from), parameters.add(to)] as const;
    const belonged = parameters.where({ 'member.id_cs = ?': id_cs, 'lower(member.city) = lower(?)': city });
    // The same as view utilization_hour, for these charging points only. The view would derive their attributes twice.
    const text = `
      with member as materialized (
        select id_cp, first_hour, end_hour from charging_point_as_was as member
        where member.id_cp = any (${members}::text[]) and ${belonged}
      ), counted as (
        select calendar.hour, calendar.day, null::varchar as status, 0 as minutes, 60 as possible_minutes, 0 as charging_starts
        from member join calendar_hour as calendar on ${ownsHour('calendar.hour')}
        where calendar.day between ${days[0]} and ${days[1]}
        union all
        select held.hour, held.day, held.status, held.minutes, 0, 0
        from status_hour as held join member on member.id_cp = held.id_cp and ${ownsHour('held.hour')}
        where held.id_cp = any (${members}::text[]) and held.day between ${days[0]} and ${days[1]}
        union all
        select ${STARTED}, event.day, null, 0, 0, 1
        from charging_event as event join member on member.id_cp = event.id_cp and ${ownsHour(STARTED)}
        where event.id_cp = any (${members}::text[]) and event.day between ${days[0]} and ${days[1]}
          -- By index: a local day is never further from UTC's than a day.
          and event.start_at between ${days[0]}::date - 1 and ${days[1]}::date + 2
      ), used as (
        select ${BUCKET[by].by} as bucket, ${SUMS}
        from counted
        ${by === 'hour_of_day' || by === 'weekday' ? 'join calendar_hour as calendar using (hour)' : ''}
        left join config.status_group using (status)
        group by 1
      )
      select ${BUCKET[by].as} as bucket, available_minutes, occupied_minutes, charging_minutes, out_of_service_minutes,
        unknown_minutes, unobserved_minutes, charging_starts,
        occupied_minutes::float8 / ${KNOWN} as utilization,
        (available_minutes + occupied_minutes)::float8 / ${KNOWN} as uptime,
        (available_minutes + occupied_minutes)::float8 / nullif(${OBSERVED}, 0) as uptime_strict,
        (${OBSERVED})::float8 / nullif(${OBSERVED} + unobserved_minutes, 0) as observed_share
      from used
      order by used.bucket`;
    return { text, values: parameters.values };
  },
};

const STARTED = `date_trunc('hour', event.start_at, 'UTC')`;
const ownsHour = (hour: string) =>
  `${hour} >= member.first_hour and (member.end_hour is null or ${hour} < member.end_hour)`;
