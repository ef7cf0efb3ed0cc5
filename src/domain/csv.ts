/** A value of a flat file. Dates are written as text by their owner. */
export type CsvValue = string | number | boolean | null;

const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One field of a CSV file as RFC 4180 and Postgres' and Redshift's COPY read it: null is nothing at
 * all, the empty text is `""`, quotes are doubled. Written here because it is the innermost loop of
 * cleaning; the tests read it back with a CSV library.
 */
export function csvField(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // A lone backslash-dot line once ended a COPY; in quotes it is text in every version.
  if (value === '' || value === '\\.' || NEEDS_QUOTES.test(value)) return `"${value.replaceAll('"', '""')}"`;
  return value;
}

/** One line of a CSV file with its line end. */
export function csvLine(values: readonly CsvValue[]): string {
  return values.map(csvField).join(',') + '\n';
}

/** A header and rows as CSV, for people and programs. */
export function csvTable(columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [columns, ...rows].map((row) => csvLine(row)).join('');
}

/** An instant as both warehouses read it: ISO 8601 in UTC. */
export function timestamp(instantMs: number): string {
  return new Date(instantMs).toISOString();
}
