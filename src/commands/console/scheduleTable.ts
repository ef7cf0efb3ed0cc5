import { DateTime } from 'luxon';
import type { ScheduleReport } from '../../temporal/schedules.js';
import { formatTable } from './table.js';

/** Format schedules as a table for people, with times in the given time zone. */
export function scheduleTable(reports: ScheduleReport[], timeZone: string): string {
  const local = (instant: string | null) =>
    instant === null ? null : DateTime.fromISO(instant, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm:ss');
  return formatTable(
    ['schedule', 'state', 'next', 'last', 'last run'],
    reports.map(({ id, state, next, last, lastRun }) => [id, state, local(next), local(last), lastRun]),
  );
}
