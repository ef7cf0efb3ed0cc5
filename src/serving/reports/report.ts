import type { PeriodQuery } from '../../warehouse/measures.js';
import type { Value } from '../ui/value.js';
import type { Column, Measured } from './definition.js';
import type { ReportName, RowKind } from './names.js';
import { lengthOf, type Period, periodBefore } from './period.js';
import { DEFINITIONS } from './registry.js';

/** Largest number of buckets in a trend. */
const TREND_BUCKETS = 28;
/** Roll-ups whose rows are sorted by time instead of ranked, with the function that returns the sort key. */
const OF_TIME: Partial<Record<RowKind, (key: string) => number>> = {
  hour: Number,
  weekday: (key) => (Number(key) + 6) % 7,
  day: Date.parse,
  week: (key) => Number(key.replace('-W', '')),
  month: Date.parse,
};

/** Return whether the rows of a roll-up are units of time. */
export function isOfTime(by: RowKind): boolean {
  return OF_TIME[by] !== undefined;
}

/** Row of a report, with its values for the period and its measure over time. */
export interface ReportRow {
  /** Key of the row; empty when the attribute is not known. */
  key: string;
  label: string | null;
  /** Values in the order of the columns. */
  values: Value[];
  /** Value by which the report ranks, for the whole period and for each bucket, in order. */
  measure: number | null;
  trend: (number | null)[];
}

/** A report on a period, with the period before for comparison. */
export interface Report {
  name: ReportName;
  by: RowKind;
  period: Period;
  before: Period;
  /** Number of days in a bucket of the trend. */
  bucketDays: number;
  columns: readonly Column[];
  /** Rows sorted by time, or ranked. */
  rows: ReportRow[];
  /** Total of all rows; null when there is no data. */
  total: ReportRow | null;
}

/**
 * Read a report on a period from the warehouse at `url`, with the changes from the period of the same length before it.
 */
export async function readReport(
  url: string,
  name: ReportName,
  { by, ...period }: Period & { by: RowKind },
): Promise<Report> {
  const days = lengthOf(period);
  const before = periodBefore(period);
  const bucketDays = Math.ceil(days / TREND_BUCKETS);
  const read = (query: PeriodQuery<RowKind>) => DEFINITIONS[name].read(url, query);
  const now = await read({ ...period, by, bucketDays });
  const earlier = await read({ ...before, by, bucketDays: days });
  const { columns } = DEFINITIONS[name];
  const rows = toRows(columns, now, earlier, Math.ceil(days / bucketDays));
  return {
    name,
    by,
    period,
    before,
    bucketDays,
    columns,
    rows: inOrder(
      rows.filter(({ isTotal }) => !isTotal).map(({ row }) => row),
      name,
      by,
    ),
    total: rows.find(({ isTotal }) => isTotal)?.row ?? null,
  };
}

function toRows(columns: readonly Column[], now: Measured[], earlier: Measured[], buckets: number) {
  const nameOf = ({ isTotal, key }: Measured) => `${isTotal} ${key}`;
  const before = new Map(earlier.filter(({ bucket }) => bucket === 0).map((one) => [nameOf(one), one]));
  const byName = new Map<string, Measured[]>();
  for (const one of now) byName.set(nameOf(one), [...(byName.get(nameOf(one)) ?? []), one]);
  return now
    .filter(({ bucket }) => bucket === 0)
    .map((whole) => {
      const then = before.get(nameOf(whole));
      const inBuckets = new Map(byName.get(nameOf(whole))?.map((part) => [part.bucket, part]));
      const row: ReportRow = {
        key: whole.key,
        label: whole.label,
        values: columns.map(({ isChange }, index) => {
          const value = whole.values[index] ?? null;
          return isChange ? difference(value, then?.values[index] ?? null) : value;
        }),
        measure: whole.measure,
        trend: Array.from({ length: buckets }, (_, index) => inBuckets.get(index + 1)?.measure ?? null),
      };
      return { isTotal: whole.isTotal, row };
    });
}

function difference(now: Value, before: Value): number | null {
  return typeof now === 'number' && typeof before === 'number' ? now - before : null;
}

/** Sort rows by time or by rank. Unknown values come last, and equal values are sorted by key. */
function inOrder(rows: ReportRow[], name: ReportName, by: RowKind): ReportRow[] {
  const time = OF_TIME[by];
  if (time) return rows.sort((a, b) => time(a.key) - time(b.key));
  const sign = DEFINITIONS[name].worstFirst ? 1 : -1;
  const rank = ({ measure }: ReportRow) => (measure === null ? Infinity : sign * measure);
  return rows.sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x === y ? a.key.localeCompare(b.key) : x - y;
  });
}
