import type { TableSlice, Snapshot } from '../../warehouse/snapshot.js';

/** A way to write tables as files. */
export interface Format {
  /** What files' names end in, without the dot. */
  extension: string;
  /** Whether the file of a day has the column `day` too, which its folder names. */
  repeatsDay: boolean;
  /**
   * The bytes of one file, whole at any number of rows, also none, and in constant memory.
   *
   * @param onRows told how many more rows there were, as they come
   * @throws RangeError for a value that the format can't hold
   */
  write(snapshot: Snapshot, slice: TableSlice, onRows: (rows: number) => void): AsyncIterable<Uint8Array>;
}
