/** A value of a flat file. The caller formats dates as text. */
export type CsvValue = string | number | boolean | null;

const NEEDS_QUOTES = /[",\r\n]/;

/**
 * Format one field of a CSV file for RFC 4180 and for COPY of Postgres and Redshift: null is nothing at all, the empty
 * text is `""`, quotes are doubled. Not a library, because this is the innermost loop of cleaning. The tests read the
 * result with a CSV library.
 */
export function csvField(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // A line of only `\.` ended a COPY in older versions; in quotes, it is text in every version.
  if (value === '' || value === '\\.' || NEEDS_QUOTES.test(value)) return `"${value.replaceAll('"', '""')}"`;
  return value;
}

/** Format one line of a CSV file, with its line end. */
export function csvLine(values: readonly CsvValue[]): string {
  return values.map(csvField).join(',') + '\n';
}

/** Format a header and rows as CSV, for people and programs. */
export function csvTable(columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [columns, ...rows].map((row) => csvLine(row)).join('');
}

/** Format an instant for both warehouses: ISO 8601 in UTC. */
export function timestamp(instantMs: number): string {
  return new Date(instantMs).toISOString();
}
