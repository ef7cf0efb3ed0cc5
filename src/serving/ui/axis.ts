import { LINE } from './chart.js';
import { formatValue, type ValueKind } from './value.js';

/** Option that draws the labels of the axes within the picture. */
export const WITH_LABELS = { outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' } as const;

/** Return an axis for values of a kind, with lines across the picture. */
export const axisOf = (kind: ValueKind) => ({
  type: 'value' as const,
  axisLabel: { formatter: (value: number) => formatValue(value, { kind }) },
  splitLine: { lineStyle: { color: LINE } },
});
