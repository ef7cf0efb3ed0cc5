import { utcOf } from './utc.js';

/**
 * A slot is the instant a poll was scheduled for: UTC, a multiple of the interval since the epoch.
 * Everywhere in the code it is a number of milliseconds since the epoch; in keys it is written
 * `20220111T2050Z` (see {@link formatSlot}).
 */
export type Slot = number;

/** Slots from one to another; half-open. */
export interface SlotRange {
  from: Slot;
  to: Slot;
}

const MINUTE_MS = 60_000;

/** Divisors of 60: with these, slots fall on the same minutes of every hour, in every time zone of whole hours. */
export const ALLOWED_INTERVAL_MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60] as const;

/** The slot that an instant (milliseconds since the epoch) falls into: rounded down to the interval. */
export function slotOf(instantMs: number, intervalMinutes: number): Slot {
  const intervalMs = intervalMinutes * MINUTE_MS;
  return Math.floor(instantMs / intervalMs) * intervalMs;
}

/**
 * The slot as it stands in fact keys and object keys: UTC, minutes, no separators.
 *
 * @example formatSlot(Date.UTC(2022, 0, 11, 20, 50)) // '20220111T2050Z'
 */
export function formatSlot(slot: Slot): string {
  return new Date(slot).toISOString().slice(0, 16).replaceAll(/[-:]/g, '') + 'Z';
}

/** Reads what {@link formatSlot} writes. Throws a RangeError on anything else. */
export function parseSlot(text: string): Slot {
  const slot = readSlot(text);
  if (Number.isNaN(slot)) throw new RangeError(`"${text}" is not a slot: expected UTC like 20220111T2050Z`);
  return slot;
}

/** Whether {@link formatSlot} may have written the text. */
export function isSlot(text: string): boolean {
  return !Number.isNaN(readSlot(text));
}

function readSlot(text: string): Slot {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return utcOf(Number(year), Number(month), Number(day), Number(hour), Number(minute));
}

/** The instant after which a slot can't be polled any more: 90 % of its interval, so that the next one starts clear. */
export function pollDeadline(slot: Slot, intervalMinutes: number): number {
  return slot + intervalMinutes * MINUTE_MS * 0.9;
}
