import { utcOf } from './utc.js';

/**
 * Format an instant for keys: UTC with milliseconds and a fixed length, so that keys sort by time.
 *
 * @example formatInstant(Date.UTC(2022, 0, 11, 20, 58, 24)) // '20220111T205824000Z'
 */
export function formatInstant(instantMs: number): string {
  return new Date(instantMs).toISOString().replaceAll(/[-:.]/g, '');
}

/**
 * Parse an instant in the form of {@link formatInstant}. Returns milliseconds since the epoch; NaN for any other form.
 */
export function parseInstant(text: string): number {
  const [, year, month, day, hour, minute, second, ms] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(text) ?? [];
  const start = utcOf(Number(year), Number(month), Number(day), Number(hour), Number(minute));
  return Number(second) < 60 ? start + Number(second) * 1000 + Number(ms) : NaN;
}
