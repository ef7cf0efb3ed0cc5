import { csvTable } from '../../domain/csv.js';
import { spreadsheetValue } from '../../domain/spreadsheet.js';
import { cutText } from '../../domain/text.js';
import { describeFinding, nameOf, shownColumns, titleOf, TITLES } from '../../serving/reports/format.js';
import { type ReportName, REPORTS, type RowKind } from '../../serving/reports/names.js';
import type { PageContent } from '../../serving/reports/page.js';
import { choosePeriod, type Period } from '../../serving/reports/period.js';
import { DEFINITIONS } from '../../serving/reports/registry.js';
import { readLocations } from '../../serving/reports/locations.js';
import { isOfTime, readReport, type Report, type ReportRow } from '../../serving/reports/report.js';
import { formatValue } from '../../serving/ui/value.js';
import type { QualityFinding } from '../../warehouse/measures.js';
import { readFindings, readLoadedState } from '../../warehouse/open.js';
import { readCount } from '../console/count.js';
import { CommandFailed, type Context } from '../context/context.js';
import type { ReportOptions } from './options.js';
import { bar, sparkline } from '../console/sparkline.js';
import { formatTable } from '../console/table.js';
import { withWarehouse } from '../context/withWarehouse.js';

const MOST_ROWS = 100_000;
/** Default number of rows of a ranking. */
const ROWS_RANKED = 20;
const BAR_WIDTH = 28;
const MOST_CHARACTERS = 60;
/** Number of findings that a report on quality shows for each rule, by format. */
const FINDINGS = { table: 3, csv: 0, json: 100, html: 10 };

const NOTHING: Partial<Record<ReportName, string>> = {
  quality: 'Nothing was examined',
  changes: 'Nothing changed',
};

/** Print a ranking of a period's measures, beside those of the period before (`ladepuls report`). */
export async function report(context: Context, name: ReportName, options: ReportOptions): Promise<void> {
  const limit = options.limit === undefined ? undefined : readCount('--limit', options.limit, MOST_ROWS);
  const by = rowsOf(name, options.by);
  const found = await withWarehouse(context, async (url): Promise<PageContent> => {
    const { day } = await readLoadedState(url);
    if (day === null)
      throw new CommandFailed('No day is loaded yet. Load a day with "ladepuls load --from DAY".');
    const period = periodOf(options, day);
    const read = await readReport(url, name, { ...period, by });
    return {
      ...read,
      ...(name === 'quality' && { findings: await readFindings(url, period, FINDINGS[options.format]) }),
      ...(options.format === 'html' && { locations: await readLocations(url, read) }),
    };
  });
  if (found.rows.length === 0) {
    const { from, to } = found.period;
    throw new CommandFailed(
      `${NOTHING[name] ?? 'There was no charging point'} from ${from} to ${to}, as far as is loaded.`,
    );
  }
  process.stdout.write(
    await { table: asTable, csv: asCsv, json: asJson, html: asHtml }[options.format](
      found,
      limit ?? (isOfTime(by) ? MOST_ROWS : ROWS_RANKED),
    ),
  );
}

/**
 * Return what each row of the report stands for.
 *
 * @throws CommandFailed when the report has no rows of that kind
 */
function rowsOf(name: ReportName, by: RowKind | undefined): RowKind {
  const kinds: readonly RowKind[] = REPORTS[name];
  const chosen = by ?? kinds[0];
  if (chosen !== undefined && kinds.includes(chosen)) return chosen;
  throw new CommandFailed(
    `--by ${by} is not possible in a report on ${name}. Possible values: ${kinds.join(', ')}.`,
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
  { name, by, period, before, bucketDays, columns, rows, total, findings = [] }: PageContent,
  limit: number,
): string {
  const inTable = shownColumns(columns, rows);
  const shown = rows.slice(0, limit);
  const all = total ? [...shown, total] : shown;
  const hasBars = isOfTime(by);
  const highest = Math.max(...shown.map(({ measure }) => measure ?? 0));
  const picture = (row: ReportRow) => {
    if (!hasBars) return sparkline(row.trend);
    return row === total ? '' : bar(row.measure, highest, BAR_WIDTH);
  };
  const table = formatTable(
    [TITLES[by], ...inTable.map(({ column }) => column.name), hasBars ? '' : 'trend'],
    all.map((row) => [
      row === total ? 'all' : nameOf(row, by),
      ...inTable.map(({ column, index }) => formatValue(row.values[index] ?? null, column)),
      picture(row),
    ]),
    [1 + inTable.findIndex(({ column }) => column.kind !== 'text'), inTable.length + 1],
  );
  const more = rows.length - shown.length;
  return [
    `${titleOf({ name, by })}, ${period.from} to ${period.to}; change from ${before.from} to ${before.to}`,
    table,
    ...(more > 0 ? [`and ${more} more: --limit shows more of them, --format csv all`] : []),
    DEFINITIONS[name].meaning,
    ...(findings.length > 0
      ? ['', 'Most frequent violations of each quality rule:', findingsTable(findings)]
      : []),
    ...(hasBars || bucketDays === 1 ? [] : [`A step of the trend is ${bucketDays} days.`]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function findingsTable(findings: QualityFinding[]): string {
  return formatTable(
    ['rule', 'what', 'value', 'times', 'days'],
    findings.map((finding) => [
      finding.rule,
      describeFinding(finding),
      finding.value && cutText(finding.value, MOST_CHARACTERS),
      finding.failed,
      finding.days,
    ]),
  );
}

/** Import the module that draws charts only when a report is printed as HTML, because the module is large. */
async function asHtml(report: PageContent): Promise<string> {
  const { page } = await import('../../serving/reports/page.js');
  return page(report);
}

/** Format a report as CSV in which no spreadsheet takes a feed's label for a formula. JSON has the exact values. */
function asCsv({ by, columns, rows }: Report): string {
  const header = [by, 'label', ...columns.map(({ key }) => key)];
  const lines = rows.map(({ key, label, values }) => [key, label, ...values].map(spreadsheetValue));
  return csvTable(header, lines);
}

function asJson({
  name,
  by,
  period,
  before,
  bucketDays,
  columns,
  rows,
  total,
  findings,
}: PageContent): string {
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
    ...(findings && { findings }),
  })}\n`;
}
