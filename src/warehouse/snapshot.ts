import type { Day } from '../domain/day.js';
import type { Column, Relation } from './relation.js';

/** Columns of one table, for one day or for all days, that are read in one go, in order. */
export interface TableSlice {
  relation: Relation;
  columns: Column[];
  /** The day whose rows are read; null for all rows. */
  day: Day | null;
}

/** A row with each value as Postgres' text: instants in UTC, booleans as true and false, arrays as JSON. */
export type TextRow = (string | null)[];

/**
 * A snapshot of the warehouse that does not change while days are published. A rebuild waits with its exchange until
 * the snapshot is closed. It reads one table slice at a time.
 */
export interface Snapshot {
  /** Tables and views of schema `public` that readers may query, sorted by name. */
  readonly relations: Relation[];
  /** Loaded days in ascending order. */
  readonly days: Day[];
  /** Days of `days` whose facts are in the archive instead of the warehouse. */
  readonly archived: ReadonlySet<Day>;
  hasRows(slice: TableSlice): Promise<boolean>;
  /** Read the rows of a table slice, some hundred at a time. */
  rows(slice: TableSlice): AsyncGenerator<TextRow[]>;
  /**
   * Read the rows of a table slice as CSV. Null is an empty field, the empty text is `""`.
   *
   * @param options.onRows called at the end with the number of rows
   */
  csv(
    slice: TableSlice,
    options: { header: boolean; onRows: (rows: number) => void },
  ): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}
