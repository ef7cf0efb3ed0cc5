const UNITS = ['kB', 'MB', 'GB', 'TB'];

/**
 * Format bytes for people, in the decimal units of the settings, with at most three digits.
 *
 * @example describeBytes(1_234_567) // '1.23 MB'
 */
export function describeBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  // Compare the rounded value: otherwise 999.6 kB would be shown as 1000 kB.
  while (Math.round(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(Math.max(3, String(Math.round(value)).length)))} ${UNITS[unit] ?? ''}`;
}
