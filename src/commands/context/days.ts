import { addDays, type Day } from '../../domain/day.js';

/**
 * Describe days that are in order. Consecutive days become a range.
 *
 * @example '2022-01-11 to 2022-01-13, 2022-02-01'
 */
export function describeDays(days: readonly Day[]): string {
  const ranges: { first: Day; last: Day }[] = [];
  for (const day of days) {
    const range = ranges.at(-1);
    if (range && addDays(range.last, 1) === day) range.last = day;
    else ranges.push({ first: day, last: day });
  }
  return ranges.map(({ first, last }) => (first === last ? first : `${first} to ${last}`)).join(', ');
}
