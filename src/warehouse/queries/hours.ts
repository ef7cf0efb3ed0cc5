import type { Day } from '../../domain/day.js';
import { iso } from './now.js';
import type { Query, Period } from './query.js';

/** For how long all charging points together were observed in each state in an hour; nothing where nobody looked. */
export interface HourOfAll {
  /** ISO instant, UTC, of its beginning. */
  hour: string;
  /** Local. */
  day: Day;
  hour_of_day: number;
  available_minutes: number;
  occupied_minutes: number;
  out_of_service_minutes: number;
  unknown_minutes: number;
}

const group = (name: string) =>
  `coalesce(sum(minutes) filter (where coalesce(status_group, 'unknown') = '${name}'), 0)::float8 as ${name}_minutes`;

/** The statuses of all charging points in each hour of a span, in the order of time. It reads every hour of every charging point. */
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
