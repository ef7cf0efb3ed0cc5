import { drawChart, LINE } from '../../ui/chart.js';
import { axisOf, WITH_LABELS } from '../../ui/axis.js';
import type { HourOfAll } from '../../../warehouse/queries/hours.js';

const WIDTH = 900;
const HEIGHT = 320;
/** From below. Told apart by lightness too, for those who see few colours. */
const STATES = [
  { name: 'occupied', of: (hour: HourOfAll) => hour.occupied_minutes, colour: '#1d4ed8' },
  { name: 'out of service', of: (hour: HourOfAll) => hour.out_of_service_minutes, colour: '#f59e0b' },
  { name: 'unknown', of: (hour: HourOfAll) => hour.unknown_minutes, colour: '#d1d5db' },
  { name: 'available', of: (hour: HourOfAll) => hour.available_minutes, colour: '#dbeafe' },
];

/** Draws which share of the observed minutes was in which state, hour by hour; a gap where nobody looked. */
export function drawHours(hours: HourOfAll[]): string {
  const observed = hours.map((hour) => STATES.reduce((sum, { of }) => sum + of(hour), 0));
  return drawChart(
    {
      legend: { top: 0, left: 0, icon: 'roundRect', itemGap: 24, selectedMode: false },
      grid: { left: 8, right: 16, top: 36, bottom: 8, ...WITH_LABELS },
      xAxis: {
        type: 'category',
        boundaryGap: false,
        data: [...hours.map(({ day }) => day), ''],
        axisTick: { show: false },
        // A label for each day, at its first hour.
        axisLabel: { interval: (index: number) => hours[index]?.day !== hours[index - 1]?.day },
        axisLine: { lineStyle: { color: LINE } },
      },
      yAxis: { ...axisOf('share'), max: 1 },
      series: STATES.map(({ name, of, colour }) => ({
        name,
        type: 'line' as const,
        stack: 'all',
        step: 'end' as const,
        symbol: 'none',
        color: colour,
        lineStyle: { width: 0 },
        areaStyle: { opacity: 1 },
        data: closed(hours.map((hour, index) => (observed[index] ? of(hour) / observed[index] : '-'))),
      })),
    },
    WIDTH,
    HEIGHT,
  );
}

/** With the last value once more, where its hour ends. */
function closed<Value>(values: Value[]): Value[] {
  return [...values, ...values.slice(-1)];
}
