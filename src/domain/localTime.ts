import { DateTime } from 'luxon';

/**
 * Format an instant (milliseconds since the epoch) for people, in the project's time zone: `2022-01-11 14:30`. It has its
 * date, so that an old instant is not mistaken for a recent one.
 */
export function localTime(instantMs: number, timeZone: string): string {
  return DateTime.fromMillis(instantMs, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm');
}
