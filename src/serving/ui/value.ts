import { describeDuration } from '../../domain/duration.js';

export type Value = number | string | null;

/** Kind of a value, which decides its format. A share is 0 to 1; a duration is in minutes. */
export type ValueKind = 'share' | 'count' | 'decimal' | 'duration' | 'text';

const MINUTE_MS = 60_000;

/** Format a value with its unit, for people. Returns "" for an unknown value. */
export function formatValue(value: Value, column: { kind: ValueKind; isChange?: boolean }): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  const sign = column.isChange && value > 0 ? '+' : '';
  switch (column.kind) {
    case 'share':
      return `${sign}${(value * 100).toFixed(1)} ${column.isChange ? 'pp' : '%'}`;
    case 'decimal':
      return `${sign}${value.toFixed(2)}`;
    case 'duration':
      return describeDuration(Math.round(value) * MINUTE_MS);
    case 'count':
    case 'text':
      return `${sign}${value.toLocaleString('en')}`;
  }
}
