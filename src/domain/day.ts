import { DateTime } from 'luxon';
import type { Slot } from './slot.js';

/**
 * A local day of the project's time zone, written `2022-01-11`. With slots of ten minutes it has 144 slots. On the two
 * days a year when the clocks change, it has 138 or 150.
 */
export type Day = string;

/**
 * Check that a text has the form of a day and that the day exists.
 *
 * @throws RangeError when it does not; the message says what is expected
 */
export function parseDay(text: string): Day {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || !DateTime.fromISO(text, { zone: 'utc' }).isValid) {
    throw new RangeError(`"${text}" is not a day: expected a date like 2022-01-11`);
  }
  return text;
}

/** Return the local day of an instant (milliseconds since the epoch). */
export function dayOf(instantMs: number, timeZone: string): Day {
  return DateTime.fromMillis(instantMs, { zone: timeZone }).toFormat('yyyy-MM-dd');
}

/** Return the first instant of the day and of the next day, in milliseconds since the epoch. Half-open. */
export function dayBounds(day: Day, timeZone: string): { start: number; end: number } {
  return { start: startOfDay(day, timeZone), end: startOfDay(addDays(day, 1), timeZone) };
}

/**
 * Return the first instant of a day. When the clocks go back over midnight, the day has two midnights, and the first
 * one counts.
 */
function startOfDay(day: Day, timeZone: string): number {
  const midnights = DateTime.fromISO(day, { zone: timeZone }).startOf('day').getPossibleOffsets();
  return Math.min(...midnights.map((midnight) => midnight.toMillis()));
}

/** Return all slots of a day, in order. With ten minutes: 144, or 138 or 150 on the days when the clocks change. */
export function slotsOfDay(day: Day, timeZone: string, intervalMinutes: number): Slot[] {
  const { start, end } = dayBounds(day, timeZone);
  const intervalMs = intervalMinutes * 60_000;
  const slots: Slot[] = [];
  for (let slot = Math.ceil(start / intervalMs) * intervalMs; slot < end; slot += intervalMs)
    slots.push(slot);
  return slots;
}

/** Return the day `days` later; earlier when `days` is negative. */
export function addDays(day: Day, days: number): Day {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');
}

/** Return the first day of a day's month and of the next month. Half-open. */
export function monthBounds(day: Day): { first: Day; next: Day } {
  const first = DateTime.fromISO(day, { zone: 'utc' }).startOf('month');
  return { first: first.toFormat('yyyy-MM-dd'), next: first.plus({ months: 1 }).toFormat('yyyy-MM-dd') };
}

/**
 * Return all days from the first to the last, both included.
 *
 * @throws RangeError when the first day is after the last
 */
export function daysBetween(first: Day, last: Day): Day[] {
  if (first > last) throw new RangeError(`the first day ${first} is after the last day ${last}`);
  const days: Day[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}
