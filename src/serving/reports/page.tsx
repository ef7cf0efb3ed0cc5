import type { QualityFinding } from '../../warehouse/measures.js';
import { describeFinding, nameOf, shownColumns, titleOf, TITLES } from './format.js';
import { DEFINITIONS } from './registry.js';
import { isOfTime, type Report, type ReportRow } from './report.js';
import { drawRanking, drawTime, drawTrend } from './charts.js';
import { Document, type Figure, Figures, Headings, Picture, toHtml } from '../ui/document.js';
import { drawMap, type MeasuredLocation } from '../ui/map.js';
import { formatValue } from '../ui/value.js';

/** Largest number of rows in the page's table. All rows are available in the formats for programs. */
const MOST_ROWS = 500;

/** Content of a report's page. */
export type PageContent = Report & { findings?: QualityFinding[]; locations?: MeasuredLocation[] };

/**
 * Render a report as one HTML file. It needs no other file and no network, so that it can be mailed, opened and
 * printed.
 */
export function page(report: PageContent): string {
  return toHtml(<Page {...report} />);
}

function Page(report: PageContent) {
  const { name, by, period, before, rows, total, findings = [], locations = [] } = report;
  const { kind, meaning } = DEFINITIONS[name];
  const map = drawMap(locations, kind);
  const trend = isOfTime(by) ? null : drawTrend(report, kind);
  const title = titleOf(report);
  return (
    <Document title={`${title}, ${period.from} to ${period.to}`}>
      <header>
        <p class="brand">Ladepuls</p>
        <h1>{title}</h1>
        <p>
          {period.from} to {period.to}; change from {before.from} to {before.to}
        </p>
      </header>
      {total && <Figures figures={figuresOf(report, total)} />}
      <div class={map ? 'beside' : 'alone'}>
        <div>
          {trend && <Picture title="All together, over time" svg={trend} />}
          {isOfTime(by) ? (
            <Picture title={`By ${TITLES[by]}`} svg={drawTime(report, kind)} />
          ) : (
            <Picture title={`By ${TITLES[by]}, ranked`} svg={drawRanking(report, kind)} />
          )}
        </div>
        {map && <Picture title={`On the map: ${locations.length} locations`} svg={map} />}
      </div>
      <Rows report={report} />
      {rows.length > MOST_ROWS && (
        <p>
          The first {MOST_ROWS} of {rows.length}: ladepuls report with --format csv writes all.
        </p>
      )}
      {findings.length > 0 && <Findings findings={findings} />}
      <footer>
        <p>{meaning}</p>
      </footer>
    </Document>
  );
}

function figuresOf({ columns, rows }: Report, total: ReportRow): Figure[] {
  return shownColumns(columns, rows)
    .filter(({ index }) => total.values[index] !== null)
    .map(({ column, index }) => ({
      name: column.name,
      value: formatValue(total.values[index] ?? null, column),
    }));
}

function Rows({ report: { by, columns, rows, total } }: { report: Report }) {
  const shown = shownColumns(columns, rows);
  const line = (row: ReportRow, heading: string) => (
    <tr>
      <th scope="row">{heading}</th>
      {shown.map(({ column, index }) => (
        <td class={column.kind === 'text' ? '' : 'number'}>
          {formatValue(row.values[index] ?? null, column)}
        </td>
      ))}
      {!isOfTime(by) && (
        <td>
          <Trend values={row.trend} />
        </td>
      )}
    </tr>
  );
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{TITLES[by]}</th>
          {shown.map(({ column }) => (
            <th scope="col" class={column.kind === 'text' ? '' : 'number'}>
              {column.name}
            </th>
          ))}
          {!isOfTime(by) && <th scope="col">trend</th>}
        </tr>
      </thead>
      <tbody>{rows.slice(0, MOST_ROWS).map((row) => line(row, nameOf(row, by)))}</tbody>
      {total && <tfoot>{line(total, 'all')}</tfoot>}
    </table>
  );
}

const TREND = { width: 112, height: 20 };

/** Draw values as columns that begin at zero. Unknown values are omitted. */
function Trend({ values }: { values: (number | null)[] }) {
  const highest = Math.max(...values.map((value) => value ?? 0));
  const step = TREND.width / Math.max(values.length, 1);
  const bars = values.flatMap((value, index) => {
    if (value === null || highest <= 0) return [];
    const height = Math.max(0.5, (value / highest) * TREND.height);
    return [
      `M${(index * step).toFixed(1)} ${TREND.height}v-${height.toFixed(1)}h${(step * 0.8).toFixed(1)}V${TREND.height}z`,
    ];
  });
  return (
    <svg class="trend" width={TREND.width} height={TREND.height} aria-hidden="true">
      <path d={bars.join('')} />
    </svg>
  );
}

function Findings({ findings }: { findings: QualityFinding[] }) {
  return (
    <section>
      <h2>Most frequent violations of each quality rule</h2>
      <table>
        <Headings texts={['rule', 'severity', 'what', 'value']} numbers={['times', 'days']} />
        <tbody>
          {findings.map((finding) => (
            <tr>
              <th scope="row">{finding.rule}</th>
              <td>{finding.severity}</td>
              <td>{describeFinding(finding)}</td>
              <td>{finding.value}</td>
              <td class="number">{finding.failed}</td>
              <td class="number">{finding.days}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
