import type { Measures, MeasuresQuery, RollUp } from '../warehouse/measures.js';
import { type Column, DEFINITIONS, type ReportName } from './definitions.js';
import { lengthOf, type Period, periodBefore } from './period.js';

/** Buckets that a trend has at most. */
const TREND_BUCKETS = 28;
/** Roll-ups whose rows are in the order of time, not ranked. */
const OF_TIME: Partial<Record<RollUp, (key: string) => number>> = {
  hour: Number,
  weekday: (key) => (Number(key) + 6) % 7,
  day: Date.parse,
  week: (key) => Number(key.replace('-W', '')),
  month: Date.parse,
};

/** Whether the rows of a roll-up are parts of time. */
export function isOfTime(by: RollUp): boolean {
  return OF_TIME[by] !== undefined;
}

export interface ReportRow {
  /** Empty where the attribute is not known. */
  key: string;
  label: string | null;
  /** In the order of the columns. */
  values: (number | null)[];
  /** What the report ranks by, and that in each bucket of the period, in order. */
  measure: number | null;
  trend: (number | null)[];
}

export interface Report {
  name: ReportName;
  by: RollUp;
  period: Period;
  before: Period;
  /** Days of a bucket of the trend. */
  bucketDays: number;
  columns: Column[];
  /** In order of time, or ranked. */
  rows: ReportRow[];
  /** All rows together; null where nothing was there. */
  total: ReportRow | null;
}

/** Reads a report on a period, beside the period of the same length before it. */
export async function readReport(
  name: ReportName,
  by: RollUp,
  period: Period,
  read: (query: MeasuresQuery) => Promise<Measures[]>,
): Promise<Report> {
  const days = lengthOf(period);
  const before = periodBefore(period);
  const bucketDays = Math.ceil(days / TREND_BUCKETS);
  const now = await read({ ...period, by, bucketDays });
  const earlier = await read({ ...before, by, bucketDays: days });
  const { columns } = DEFINITIONS[name];
  const rows = toRows(name, now, earlier, Math.ceil(days / bucketDays));
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

function toRows(name: ReportName, now: Measures[], earlier: Measures[], buckets: number) {
  const { columns, measure } = DEFINITIONS[name];
  const nameOf = ({ isTotal, key }: Measures) => `${isTotal} ${key}`;
  const before = new Map(earlier.filter(({ bucket }) => bucket === 0).map((one) => [nameOf(one), one]));
  const parts = new Map<string, Measures[]>();
  for (const one of now) parts.set(nameOf(one), [...(parts.get(nameOf(one)) ?? []), one]);
  return now
    .filter(({ bucket }) => bucket === 0)
    .map((whole) => {
      const then = before.get(nameOf(whole));
      const inBuckets = new Map(parts.get(nameOf(whole))?.map((part) => [part.bucket, part]));
      const row: ReportRow = {
        key: whole.key,
        label: whole.label,
        values: columns.map((column) => valueOf(column, whole, then)),
        measure: measure(whole),
        trend: Array.from({ length: buckets }, (_, index) => {
          const part = inBuckets.get(index + 1);
          return part ? measure(part) : null;
        }),
      };
      return { isTotal: whole.isTotal, row };
    });
}

function valueOf({ of, isChange }: Column, now: Measures, before: Measures | undefined): number | null {
  const value = of(now);
  if (!isChange) return value;
  const then = before ? of(before) : null;
  return value === null || then === null ? null : value - then;
}

/** By time; else ranked, with what is not known at the end, and equals by name. */
function inOrder(rows: ReportRow[], name: ReportName, by: RollUp): ReportRow[] {
  const time = OF_TIME[by];
  if (time) return rows.sort((a, b) => time(a.key) - time(b.key));
  const sign = DEFINITIONS[name].worstFirst ? 1 : -1;
  const rank = ({ measure }: ReportRow) => (measure === null ? Infinity : sign * measure);
  return rows.sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x === y ? a.key.localeCompare(b.key) : x - y;
  });
}
