import { DateTime } from 'luxon';
import type { Slot } from './slot.js';

/**
 * A day is a local day of the project's time zone, written `2022-01-11`. It has 144 slots of ten
 * minutes, but 138 and 150 on the two days a year when the clocks change.
 */
export type Day = string;

/** Checks a day's form and existence. Throws a RangeError that says what is expected. */
export function parseDay(text: string): Day {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || !DateTime.fromISO(text, { zone: 'utc' }).isValid) {
    throw new RangeError(`"${text}" is not a day: expected a date like 2022-01-11`);
  }
  return text;
}

/** The local day that an instant (milliseconds since the epoch) falls on. */
export function dayOf(instantMs: number, timeZone: string): Day {
  return DateTime.fromMillis(instantMs, { zone: timeZone }).toFormat('yyyy-MM-dd');
}

/** First instant of the day and first instant of the next one, in milliseconds since the epoch: half-open. */
export function dayBounds(day: Day, timeZone: string): { start: number; end: number } {
  return { start: startOfDay(day, timeZone), end: startOfDay(addDays(day, 1), timeZone) };
}

/** Where the clocks go back over midnight, a day has two: it begins with the first. */
function startOfDay(day: Day, timeZone: string): number {
  const midnights = DateTime.fromISO(day, { zone: timeZone }).startOf('day').getPossibleOffsets();
  return Math.min(...midnights.map((midnight) => midnight.toMillis()));
}

/** Every slot of a day, in order: 144 of ten minutes, 138 or 150 on the days when the clocks change. */
export function slotsOfDay(day: Day, timeZone: string, intervalMinutes: number): Slot[] {
  const { start, end } = dayBounds(day, timeZone);
  const intervalMs = intervalMinutes * 60_000;
  const slots: Slot[] = [];
  for (let slot = Math.ceil(start / intervalMs) * intervalMs; slot < end; slot += intervalMs)
    slots.push(slot);
  return slots;
}

/** The day `days` later (earlier when negative). */
export function addDays(day: Day, days: number): Day {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');
}

/** The first day of a day's month, and that of the next one: half-open. */
export function monthBounds(day: Day): { first: Day; next: Day } {
  const first = DateTime.fromISO(day, { zone: 'utc' }).startOf('month');
  return { first: first.toFormat('yyyy-MM-dd'), next: first.plus({ months: 1 }).toFormat('yyyy-MM-dd') };
}

/** All days from the first to the last, both included. Throws a RangeError when the first is after the last. */
export function daysBetween(first: Day, last: Day): Day[] {
  if (first > last) throw new RangeError(`the first day ${first} is after the last day ${last}`);
  const days: Day[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}
