import { addDays, type Day, daysBetween, parseDay } from '../../domain/day.js';

/** Local days, both included. */
export interface Period {
  from: Day;
  to: Day;
}

const DEFAULT_DAYS = 28;

/**
 * The period that is asked for; of what is not said, four weeks that end with the last day that is loaded, so that each
 * weekday comes as often.
 *
 * @throws RangeError for what is no day, and where the first is after the last
 */
export function choosePeriod({ from, to }: Partial<Period>, lastLoaded: Day): Period {
  const last = parseDay(to ?? lastLoaded);
  const period = { from: parseDay(from ?? addDays(last, 1 - DEFAULT_DAYS)), to: last };
  lengthOf(period);
  return period;
}

/** The period of the same length that ends where this one begins. */
export function periodBefore(period: Period): Period {
  return { from: addDays(period.from, -lengthOf(period)), to: addDays(period.from, -1) };
}

/** How many days it has. Throws a RangeError where the first is after the last. */
export function lengthOf({ from, to }: Period): number {
  return daysBetween(from, to).length;
}
