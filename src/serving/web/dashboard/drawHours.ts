import { drawChart, LINE } from '../../ui/chart.js';
import { axisOf, WITH_LABELS } from '../../ui/axis.js';
import type { HourOfAll } from '../../../warehouse/queries/hours.js';

const WIDTH = 900;
const HEIGHT = 320;
/**
 * States in the order of drawing, from the bottom. Their colours also differ in lightness, for people with colour
 * blindness.
 */
const STATES = [
  { name: 'occupied', of: (hour: HourOfAll) => hour.occupied_minutes, colour: '#1d4ed8' },
  { name: 'out of service', of: (hour: HourOfAll) => hour.out_of_service_minutes, colour: '#f59e0b' },
  { name: 'unknown', of: (hour: HourOfAll) => hour.unknown_minutes, colour: '#d1d5db' },
  { name: 'available', of: (hour: HourOfAll) => hour.available_minutes, colour: '#dbeafe' },
];

/** Draw the share of each state in the observed minutes, hour by hour. An hour without observations is a gap. */
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
        // One label for each day, at its first hour.
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

/** Repeat the last value, so that its step is drawn until the end of its hour. */
function closed<Value>(values: Value[]): Value[] {
  return [...values, ...values.slice(-1)];
}
