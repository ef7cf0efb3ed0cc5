/**
 * A table that is derived from a day when it is published. Its statements are `sql/<database>/measures/<table>.sql`, or
 * `sql/measures/<table>.sql` where one text is for both databases.
 */
export interface Measure {
  table: string;
  /**
   * What it is derived from. Intervals of every day stay in the warehouse; facts may be archived. Where they are, a rebuild
   * copies the day's rows of the measure from the published table, which therefore needs a column `day`.
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
