import { addDays, type Day, daysBetween, parseDay } from '../../domain/day.js';

/** Period of local days, both included. */
export interface Period {
  from: Day;
  to: Day;
}

const DEFAULT_DAYS = 28;

/**
 * Return the requested period. Default: four weeks that end with the last loaded day, so that each weekday occurs
 * equally often.
 *
 * @throws RangeError when a text is no day, or the first day is after the last
 */
export function choosePeriod({ from, to }: Partial<Period>, lastLoaded: Day): Period {
  const last = parseDay(to ?? lastLoaded);
  const period = { from: parseDay(from ?? addDays(last, 1 - DEFAULT_DAYS)), to: last };
  lengthOf(period);
  return period;
}

/** Return the period of the same length that ends on the day before this one. */
export function periodBefore(period: Period): Period {
  return { from: addDays(period.from, -lengthOf(period)), to: addDays(period.from, -1) };
}

/**
 * Return the number of days in a period.
 *
 * @throws RangeError when the first day is after the last
 */
export function lengthOf({ from, to }: Period): number {
  return daysBetween(from, to).length;
}
