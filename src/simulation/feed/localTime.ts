import { DateTime } from 'luxon';

const DAY_MS = 86_400_000;

/** The local days of one time zone, as numbers: days since 1970-01-01, so that days can be added and compared. */
export interface Calendar {
  /** The local day of an instant. */
  dayNumber(instantMs: number): number;
  /** The first instant of a local day, in milliseconds since the epoch. */
  startOf(dayNumber: number): number;
}

/** Create the calendar of an IANA time zone. It caches its results: a few bytes per day. */
export function createCalendar(timeZone: string): Calendar {
  const starts = new Map<number, number>();
  const startOf = (dayNumber: number): number => {
    const known = starts.get(dayNumber);
    if (known !== undefined) return known;
    const date = DateTime.fromMillis(dayNumber * DAY_MS, { zone: 'utc' });
    const start = date.setZone(timeZone, { keepLocalTime: true }).startOf('day').toMillis();
    starts.set(dayNumber, start);
    return start;
  };
  return {
    startOf,
    dayNumber(instantMs) {
      const near = Math.floor(instantMs / DAY_MS);
      if (instantMs < startOf(near)) return near - 1;
      return instantMs < startOf(near + 1) ? near : near + 1;
    },
  };
}

/**
 * Format an envelope's timestamp: local time in whole seconds, with its offset.
 *
 * @example formatTimestamp(Date.UTC(2022, 0, 11, 20, 58, 25), 'Europe/Berlin') // '2022-01-11T21:58:25+01:00'
 */
export function formatTimestamp(instantMs: number, timeZone: string): string {
  return DateTime.fromMillis(instantMs, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ssZZ");
}
