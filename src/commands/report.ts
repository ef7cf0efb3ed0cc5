import { csvTable } from '../cleaning/csv.js';
import { type Column, DEFINITIONS, type ReportName } from '../reports/definitions.js';
import { choosePeriod, type Period } from '../reports/period.js';
import { isOfTime, readReport, type Report, type ReportRow } from '../reports/report.js';
import type { RollUp } from '../warehouse/measures.js';
import { readLoadedState, readMeasures } from '../warehouse/open.js';
import { readCount } from './count.js';
import { CommandFailed, type Context } from './context.js';
import { describeDuration } from './duration.js';
import type { ReportOptions } from './reportOptions.js';
import { bar, sparkline } from './sparkline.js';
import { formatTable } from './table.js';
import { withWarehouse } from './withWarehouse.js';

const MOST_ROWS = 100_000;
/** Rows of a ranking, where nothing else is said. */
const ROWS_RANKED = 20;
const MINUTE_MS = 60_000;
const BAR_WIDTH = 28;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const TITLES: Record<RollUp, string> = {
  point: 'charging point',
  station: 'station',
  city: 'city',
  postal_code: 'postal code',
  operator: 'operator',
  power: 'power class',
  standard: 'standard',
  hour: 'hour',
  weekday: 'weekday',
  day: 'day',
  week: 'week',
  month: 'month',
};

/** `ladepuls report`: measures of a period, ranked, beside those of the period before. */
export async function report(context: Context, name: ReportName, options: ReportOptions): Promise<void> {
  const limit = options.limit === undefined ? undefined : readCount('--limit', options.limit, MOST_ROWS);
  const found = await withWarehouse(context, async (url) => {
    const { day } = await readLoadedState(url);
    if (day === null)
      throw new CommandFailed('Nothing is loaded yet: "ladepuls load --from DAY" loads a day.');
    return readReport(name, options.by, periodOf(options, day), (query) => readMeasures(url, query));
  });
  if (found.rows.length === 0) {
    const { from, to } = found.period;
    throw new CommandFailed(`There was no charging point from ${from} to ${to}, as far as is loaded.`);
  }
  process.stdout.write(
    { table: asTable, csv: asCsv, json: asJson }[options.format](
      found,
      limit ?? (isOfTime(options.by) ? MOST_ROWS : ROWS_RANKED),
    ),
  );
}

function periodOf(options: Partial<Period>, lastLoaded: string): Period {
  try {
    return choosePeriod(options, lastLoaded);
  } catch (error) {
    if (error instanceof RangeError)
      throw new CommandFailed(`--from, --to: ${error.message}`, { cause: error });
    throw error;
  }
}

function asTable(
  { name, by, period, before, bucketDays, columns, rows, total }: Report,
  limit: number,
): string {
  const shown = rows.slice(0, limit);
  const all = total ? [...shown, total] : shown;
  const hasBars = isOfTime(by);
  const highest = Math.max(...shown.map(({ measure }) => measure ?? 0));
  const picture = (row: ReportRow) => {
    if (!hasBars) return sparkline(row.trend);
    return row === total ? '' : bar(row.measure, highest, BAR_WIDTH);
  };
  const table = formatTable(
    [TITLES[by], ...columns.map((column) => column.name), hasBars ? '' : 'trend'],
    all.map((row) => [
      row === total ? 'all' : nameOf(row, by),
      ...row.values.map((value, index) => formatValue(value, columns[index])),
      picture(row),
    ]),
    [1, columns.length + 1],
  );
  const more = rows.length - shown.length;
  return [
    `${name[0]?.toUpperCase()}${name.slice(1)} by ${TITLES[by]}, ${period.from} to ${period.to}; change from ${before.from} to ${before.to}`,
    table,
    ...(more > 0 ? [`and ${more} more: --limit shows more of them, --format csv all`] : []),
    DEFINITIONS[name].meaning,
    ...(hasBars || bucketDays === 1 ? [] : [`A step of the trend is ${bucketDays} days.`]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function nameOf({ key, label }: ReportRow, by: RollUp): string {
  if (by === 'weekday') return WEEKDAYS[Number(key)] ?? key;
  if (by === 'hour') return `${key.padStart(2, '0')}:00`;
  if (key === '') return 'not known';
  return label ? `${label} (${key})` : key;
}

function formatValue(value: number | null, column: Column | undefined): string {
  if (value === null || !column) return '';
  const sign = column.isChange && value > 0 ? '+' : '';
  switch (column.kind) {
    case 'share':
      return `${sign}${(value * 100).toFixed(1)} ${column.isChange ? 'pp' : '%'}`;
    case 'decimal':
      return `${sign}${value.toFixed(2)}`;
    case 'duration':
      return describeDuration(Math.round(value) * MINUTE_MS);
    case 'count':
      return String(value);
  }
}

function asCsv({ by, columns, rows }: Report): string {
  const header = [by, 'label', ...columns.map(({ key }) => key)];
  const lines = rows.map(({ key, label, values }) => [key, label, ...values]);
  return csvTable(header, lines);
}

function asJson({ name, by, period, before, bucketDays, columns, rows, total }: Report): string {
  const object = ({ key, label, values, trend }: ReportRow) => ({
    key,
    label,
    ...Object.fromEntries(columns.map((column, index) => [column.key, values[index]])),
    trend,
  });
  const { meaning } = DEFINITIONS[name];
  return `${JSON.stringify({
    report: name,
    meaning,
    by,
    period,
    before,
    trend_days: bucketDays,
    total: total && object(total),
    rows: rows.map(object),
  })}\n`;
}
