/**
 * Return a minute of UTC in milliseconds since the epoch; NaN when it does not exist, such as on 30 February, which
 * Date would read as 2 March.
 *
 * @param month from 1
 */
export function utcOf(year: number, month: number, day: number, hour: number, minute: number): number {
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute));
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  const isThere =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute;
  return isThere ? date.getTime() : NaN;
}
