import type { Bucket, PlaceQuery, Span } from '../../answers.js';
import { iso } from './now.js';
import { Parameters, type Statement } from './statement.js';

const BUCKET: Record<Bucket, string> = {
  hour: iso('used.hour'),
  day: 'used.day::text',
  week: `date_trunc('week', used.day)::date::text`,
  month: `date_trunc('month', used.day)::date::text`,
  hour_of_day: 'calendar.hour_of_day',
  weekday: 'calendar.weekday',
};

const sum = (column: string) => `coalesce(sum(used.${column}), 0)::int as ${column}`;
const KNOWN = 'sum(available_minutes + occupied_minutes + out_of_service_minutes)';
const OBSERVED = 'sum(available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes)';

/**
 * The statement for the charging points that ever belonged to a station or a city. With their keys, hours are looked up by
 * index; without, they would be derived for everybody.
 */
export function membersStatement({ id_cs, city }: PlaceQuery): Statement {
  const parameters = new Parameters();
  const text = `
    select distinct point.id_cp
    from charging_point_history as point
    ${city === undefined ? '' : 'join charging_station_history as station using (id_cs)'}
    where ${parameters.where({ 'point.id_cs = ?': id_cs, 'lower(station.city) = lower(?)': city })}`;
  return { text, values: parameters.values };
}

/**
 * The statement for the utilization of charging points, in the hours in which they belonged to the station or the city; a
 * row for each bucket in which one did.
 *
 * @param ids the charging points that may have
 */
export function utilizationStatement(
  ids: readonly string[],
  { id_cs, city }: PlaceQuery,
  { from, to }: Span,
  by: Bucket,
): Statement {
  const parameters = new Parameters();
  const members = parameters.add(ids);
  const needsCalendar = by === 'hour_of_day' || by === 'weekday';
  const belonged = parameters.where({ 'member.id_cs = ?': id_cs, 'lower(member.city) = lower(?)': city });
  const text = `
    with member as materialized (
      select * from charging_point_as_was as member where member.id_cp = any (${members}::text[]) and ${belonged}
    )
    select ${BUCKET[by]} as bucket,
      ${['available', 'occupied', 'charging', 'out_of_service', 'unknown', 'unobserved'].map((group) => sum(`${group}_minutes`)).join(', ')},
      ${sum('charging_starts')},
      sum(occupied_minutes)::float8 / nullif(${KNOWN}, 0) as utilization,
      sum(available_minutes + occupied_minutes)::float8 / nullif(${KNOWN}, 0) as uptime,
      sum(available_minutes + occupied_minutes)::float8 / nullif(${OBSERVED}, 0) as uptime_strict,
      ${OBSERVED}::float8 / nullif(${OBSERVED} + sum(unobserved_minutes), 0) as observed_share
    from utilization_hour as used
    join member
      on member.id_cp = used.id_cp and used.hour >= member.first_hour
        and (member.end_hour is null or used.hour < member.end_hour)
    ${needsCalendar ? 'join calendar_hour as calendar on calendar.hour = used.hour' : ''}
    where used.id_cp = any (${members}::text[]) and used.day between ${parameters.add(from)} and ${parameters.add(to)}
    group by 1
    order by 1`;
  return { text, values: parameters.values };
}
