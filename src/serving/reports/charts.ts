import { addDays } from '../../domain/day.js';
import { axisOf, WITH_LABELS } from '../ui/axis.js';
import { formatValue, type ValueKind } from '../ui/value.js';
import { nameOf } from './format.js';
import type { Report } from './report.js';
import { drawChart, LINE, SCALE } from '../ui/chart.js';

const WIDTH = 900;
const [, , COLOUR] = SCALE;
/** Largest number of rows in a drawn ranking. */
const RANKED = 20;

/**
 * Draw the measure of all rows together, from the beginning of the period to its end. Returns null for fewer than two
 * buckets.
 */
export function drawTrend({ total, period, bucketDays }: Report, kind: ValueKind): string | null {
  if (!total || total.trend.length < 2) return null;
  return drawChart(
    {
      grid: { left: 8, right: 16, top: 12, bottom: 8, ...WITH_LABELS },
      xAxis: {
        type: 'category',
        data: total.trend.map((_, index) => addDays(period.from, index * bucketDays)),
        axisLine: { lineStyle: { color: LINE } },
      },
      yAxis: { ...axisOf(kind), scale: true },
      series: [
        {
          type: 'line',
          data: total.trend.map((value) => value ?? '-'),
          symbolSize: 5,
          lineStyle: { width: 2 },
          color: COLOUR,
        },
      ],
    },
    WIDTH,
    260,
  );
}

/** Draw the first rows of a ranking as bars. */
export function drawRanking({ rows, by }: Report, kind: ValueKind): string {
  // `inverse` draws the first row at the top, because charts count from below.
  const shown = rows.filter(({ measure }) => measure !== null).slice(0, RANKED);
  return drawChart(
    {
      grid: { left: 24, right: 72, top: 4, bottom: 8, ...WITH_LABELS },
      xAxis: axisOf(kind),
      yAxis: {
        type: 'category',
        inverse: true,
        data: shown.map((row) => nameOf(row, by)),
        axisLabel: { width: 300, overflow: 'truncate', ellipsis: '…' },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: LINE } },
      },
      series: [barsOf(shown, kind, 'right')],
    },
    WIDTH,
    60 + 24 * shown.length,
  );
}

/** Draw rows that are units of time as columns. */
export function drawTime({ rows, by }: Report, kind: ValueKind): string {
  return drawChart(
    {
      grid: { left: 8, right: 16, top: 24, bottom: 8, ...WITH_LABELS },
      xAxis: {
        type: 'category',
        data: rows.map((row) => nameOf(row, by)),
        axisLine: { lineStyle: { color: LINE } },
      },
      yAxis: axisOf(kind),
      series: [barsOf(rows, kind, 'top', rows.length <= 12)],
    },
    WIDTH,
    300,
  );
}

function barsOf(rows: Report['rows'], kind: ValueKind, position: 'right' | 'top', isLabelled = true) {
  return {
    type: 'bar' as const,
    data: rows.map(({ measure }) => measure ?? '-'),
    color: COLOUR,
    barMaxWidth: 48,
    label: {
      show: isLabelled,
      position,
      formatter: ({ value }: { value: unknown }) =>
        typeof value === 'number' ? formatValue(value, { kind }) : '',
    },
  };
}
