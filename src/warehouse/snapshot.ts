import type { Day } from '../domain/day.js';
import type { Column, Relation } from './relation.js';

/** What is read in one go: some columns of a table, in order, of one day or whole. */
export interface TableSlice {
  relation: Relation;
  columns: Column[];
  /** null: all rows. */
  day: Day | null;
}

/** A row: each value as Postgres' own text, instants in UTC, truths as true and false, arrays as JSON. */
export type TextRow = (string | null)[];

/**
 * One state of the warehouse, which stays as it was opened while days are published; a rebuild waits with its exchange
 * until it is closed. It reads one part at a time.
 */
export interface Snapshot {
  /** Tables and views of schema public that readers see, by name. */
  readonly relations: Relation[];
  /** The days that are loaded, in order. */
  readonly days: Day[];
  /** Those of them whose facts are in the archive, and not in the warehouse. */
  readonly archived: ReadonlySet<Day>;
  hasRows(slice: TableSlice): Promise<boolean>;
  /** The rows of a part, some hundred at a time. */
  rows(slice: TableSlice): AsyncGenerator<TextRow[]>;
  /**
   * The same as CSV: null is nothing at all, the empty text is `""`.
   *
   * @param onRows told how many rows it had, at the end
   */
  csv(
    slice: TableSlice,
    options: { header: boolean; onRows: (rows: number) => void },
  ): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}
