import { observedShare } from '../../../domain/shares.js';
import type { Measures } from '../../../warehouse/measures.js';
import type { ColumnOf } from '../definition.js';

type MeasureColumn = ColumnOf<Measures>;

export const POINTS: MeasureColumn = {
  name: 'charging points',
  key: 'points',
  kind: 'count',
  of: ({ points }) => points,
};
export const OBSERVED: MeasureColumn = {
  name: 'observed',
  key: 'observed_share',
  kind: 'share',
  of: observedShare,
};
export const EVENTS: MeasureColumn = {
  name: 'charging events',
  key: 'events',
  kind: 'count',
  of: ({ events }) => events,
};

/**
 * Return the charging events per charging point and 24 hours of its existence, observed or not; null when it did not
 * exist in the period.
 */
export function perPointAndDay({ events, possible }: Measures): number | null {
  return possible > 0 ? (events / possible) * 24 * 60 : null;
}
export const PER_POINT_AND_DAY: MeasureColumn = {
  name: 'per point and day',
  key: 'events_per_point_and_day',
  kind: 'decimal',
  of: perPointAndDay,
};
