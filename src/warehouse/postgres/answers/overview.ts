import type { Span } from '../../answers.js';
import { iso, isFresh } from './now.js';
import type { Statement } from './statement.js';

/** The statement for how many charging points of each city are in each state now, the largest cities first. */
export function citiesStatement(bridgedSlots: number): Statement {
  return {
    text: `
      with seen as (
        select point.id_cs, count(*) as charging_points,
          count(*) filter (where status_group = 'available') as available,
          count(*) filter (where status_group = 'occupied') as occupied,
          count(*) filter (where status_group = 'out_of_service') as out_of_service,
          max(current.slot) as observed_at
        from charging_point as point
        left join current_status as current using (id_cp)
        left join config.status_group as meaning on meaning.status = current.status and ${isFresh('current.slot', '$1')}
        where point.retired_at is null
        group by point.id_cs
      ), city as (
        select station.city, count(*)::int as stations,
          avg(station.longitude) as longitude, avg(station.latitude) as latitude,
          coalesce(sum(charging_points), 0)::int as charging_points,
          coalesce(sum(available), 0)::int as available,
          coalesce(sum(occupied), 0)::int as occupied,
          coalesce(sum(out_of_service), 0)::int as out_of_service,
          max(observed_at) as observed_at
        from charging_station as station
        left join seen using (id_cs)
        where station.retired_at is null
        group by station.city
      )
      select city, stations, longitude, latitude, charging_points, available, occupied, out_of_service,
        charging_points - available - occupied - out_of_service as unknown, ${iso('observed_at')} as observed_at
      from city
      order by charging_points desc, city`,
    values: [bridgedSlots],
  };
}

/** The statement for the statuses of all charging points in each hour of a span, in the order of time. */
export function hoursStatement({ from, to }: Pick<Span, 'from' | 'to'>): Statement {
  const group = (name: string) =>
    `coalesce(sum(minutes) filter (where coalesce(status_group, 'unknown') = '${name}'), 0)::float8 as ${name}_minutes`;
  return {
    text: `
      with held as (
        select hour, status, sum(minutes) as minutes
        from status_hour where day between $1 and $2
        group by hour, status
      )
      select ${iso('calendar.hour')} as hour, calendar.day::text as day, calendar.hour_of_day,
        ${['available', 'occupied', 'out_of_service', 'unknown'].map(group).join(',\n        ')}
      from calendar_hour as calendar
      left join held using (hour)
      left join config.status_group using (status)
      where calendar.day between $1 and $2
      group by calendar.hour, calendar.day, calendar.hour_of_day
      order by calendar.hour`,
    values: [from, to],
  };
}
