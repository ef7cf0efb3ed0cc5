import type { Database } from './run.js';

/**
 * A table that is derived from a day when the day is published. Its statements are in
 * `sql/<database>/measures/<table>.sql`, or in `sql/measures/<table>.sql` if they are the same for both databases.
 */
export interface Measure {
  table: string;
  /**
   * Source of the measure: the status periods (table `ops.status_interval`), which stay in the warehouse, or the facts,
   * which may be archived. For archived facts, a rebuild copies the day's rows of the measure from the published table.
   * Therefore the table needs a column `day`.
   */
  from: 'intervals' | 'facts';
  /**
   * Databases that make the rows in staging, by `new_<table>.sql`, when the intervals are derived. There, the statements
   * of the publication only insert the rows. A publication runs on one processor, and others wait for it.
   */
  stagedOn?: readonly Database[];
}

/** Measures in the order in which they are derived. A measure may read the tables of those before it. */
export const MEASURES = [
  { table: 'status_event', from: 'intervals' },
  { table: 'calendar_hour', from: 'intervals' },
  { table: 'status_hour', from: 'intervals', stagedOn: ['postgres'] },
  { table: 'parking_hour', from: 'facts' },
] as const satisfies readonly Measure[];
