import { LINE } from './chart.js';
import { formatValue, type ValueKind } from './value.js';

/** The labels of the axes are within the picture. */
export const WITH_LABELS = { outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' } as const;

/** The axis of values of a kind, with lines across the picture. */
export const axisOf = (kind: ValueKind) => ({
  type: 'value' as const,
  axisLabel: { formatter: (value: number) => formatValue(value, { kind }) },
  splitLine: { lineStyle: { color: LINE } },
});
