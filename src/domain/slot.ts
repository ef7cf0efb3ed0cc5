import { utcOf } from './utc.js';

/**
 * The instant a poll was scheduled for: UTC, a multiple of the interval since the epoch. In code it is a number of
 * milliseconds since the epoch. In keys it is written `20220111T2050Z` (see {@link formatSlot}).
 */
export type Slot = number;

/** A half-open range of slots. */
export interface SlotRange {
  from: Slot;
  to: Slot;
}

const MINUTE_MS = 60_000;

/**
 * Divisors of 60. With these intervals, slots have the same minutes in every hour, in all time zones of whole hours.
 */
export const ALLOWED_INTERVAL_MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60] as const;

/**
 * Return the interval at which a feed with an interval of its own is polled, in minutes. All polls begin in slots of
 * the installation. Therefore the interval is the least common multiple of the two.
 *
 * @example ownInterval(30, 10) // 30
 * @example ownInterval(30, 20) // 60
 */
export function ownInterval(wantedMinutes: number, slotMinutes: number): number {
  let minutes = wantedMinutes;
  while (minutes % slotMinutes !== 0) minutes += wantedMinutes;
  return minutes;
}

/** Return whether an instant is a slot of an interval. */
export function isSlotOf(instantMs: number, intervalMinutes: number): boolean {
  return slotOf(instantMs, intervalMinutes) === instantMs;
}

/** Return the slot of an instant (milliseconds since the epoch): rounded down to the interval. */
export function slotOf(instantMs: number, intervalMinutes: number): Slot {
  const intervalMs = intervalMinutes * MINUTE_MS;
  return Math.floor(instantMs / intervalMs) * intervalMs;
}

/**
 * Format a slot for fact keys and object keys: UTC, minutes, no separators.
 *
 * @example formatSlot(Date.UTC(2022, 0, 11, 20, 50)) // '20220111T2050Z'
 */
export function formatSlot(slot: Slot): string {
  return new Date(slot).toISOString().slice(0, 16).replaceAll(/[-:]/g, '') + 'Z';
}

/**
 * Parse a slot in the form of {@link formatSlot}.
 *
 * @throws RangeError when the text has any other form
 */
export function parseSlot(text: string): Slot {
  const slot = readSlot(text);
  if (Number.isNaN(slot)) throw new RangeError(`"${text}" is not a slot: expected UTC like 20220111T2050Z`);
  return slot;
}

/** Return whether a text has the form of {@link formatSlot}. */
export function isSlot(text: string): boolean {
  return !Number.isNaN(readSlot(text));
}

function readSlot(text: string): Slot {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return utcOf(Number(year), Number(month), Number(day), Number(hour), Number(minute));
}

/**
 * Return the instant at which a poll of a slot must end: after 90 % of the interval, so that polls do not overlap the
 * next slot. Milliseconds since the epoch.
 */
export function pollDeadline(slot: Slot, intervalMinutes: number): number {
  return slot + intervalMinutes * MINUTE_MS * 0.9;
}
