/**
 * An instant in keys: UTC with milliseconds, of a fixed length, so that keys sort by time.
 *
 * @example formatInstant(Date.UTC(2022, 0, 11, 20, 58, 24)) // '20220111T205824000Z'
 */
export function formatInstant(instantMs: number): string {
  return new Date(instantMs).toISOString().replaceAll(/[-:.]/g, '');
}

/** Reads what {@link formatInstant} writes, in milliseconds since the epoch; NaN for anything else. */
export function parseInstant(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(text);
  if (!parts) return NaN;
  const [, year, month, day, hour, minute, second, ms] = parts;
  const instantMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  // Date.parse takes 30 February for 2 March.
  return !Number.isNaN(instantMs) && formatInstant(instantMs) === text ? instantMs : NaN;
}
