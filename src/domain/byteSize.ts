const UNITS = ['kB', 'MB', 'GB', 'TB'];

/**
 * Bytes for people, in the decimal units of the settings: three digits at most.
 *
 * @example describeBytes(1_234_567) // '1.23 MB'
 */
export function describeBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  // 999.6 kB would be shown as 1000 kB.
  while (Math.round(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(Math.max(3, String(Math.round(value)).length)))} ${UNITS[unit] ?? ''}`;
}
