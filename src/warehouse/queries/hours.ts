import type { Day } from '../../domain/day.js';
import { iso } from './now.js';
import type { Query, Period } from './query.js';

/**
 * Sum of the minutes in an hour in which all charging points were observed in each state. Minutes that were not
 * observed are not counted.
 */
export interface HourOfAll {
  /** Beginning of the hour, ISO 8601, UTC. */
  hour: string;
  /** Local day; `hour_of_day` is local too. */
  day: Day;
  hour_of_day: number;
  available_minutes: number;
  occupied_minutes: number;
  out_of_service_minutes: number;
  unknown_minutes: number;
}

const group = (name: string) =>
  `coalesce(sum(minutes) filter (where coalesce(status_group, 'unknown') = '${name}'), 0)::float8 as ${name}_minutes`;

/**
 * Minutes of all charging points in each state, for each hour of a period in order of time. The query reads every hour
 * of every charging point.
 */
export const hours: Query<[Pick<Period, 'from' | 'to'>], HourOfAll> = {
  columns: [
    'hour',
    'day',
    'hour_of_day',
    'available_minutes',
    'occupied_minutes',
    'out_of_service_minutes',
    'unknown_minutes',
  ],
  statement: (_, { from, to }) => ({
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
  }),
};
