/**
 * A table that is derived from a day when it is published. Its statements are `sql/<database>/measures/<table>.sql`, or
 * `sql/measures/<table>.sql` where one text is for both databases.
 */
export interface Measure {
  table: string;
  /**
   * What it is derived from. Intervals are kept of every day. Facts leave for the archive: then a rebuild takes the day's rows
   * over from the published table, so that this has a column `day`.
   */
  from: 'intervals' | 'facts';
}

/** In the order in which they are derived: each may read those before it. */
export const MEASURES = [
  { table: 'status_event', from: 'intervals' },
  { table: 'calendar_hour', from: 'intervals' },
  { table: 'status_hour', from: 'intervals' },
  { table: 'parking_hour', from: 'facts' },
] as const satisfies readonly Measure[];
