import type { TableSlice, Snapshot } from '../../warehouse/snapshot.js';

/** File format of exported tables. */
export interface Format {
  /** Extension of the files, without the dot. */
  extension: string;
  /** Whether the file of a day also has the column `day`, whose value is in the folder's name. */
  repeatsDay: boolean;
  /**
   * Yield the bytes of one complete file, for any number of rows including none, in constant memory.
   *
   * @param onRows receives the number of further rows, as they are read
   * @throws RangeError when the format can't hold a value
   */
  write(snapshot: Snapshot, slice: TableSlice, onRows: (rows: number) => void): AsyncIterable<Uint8Array>;
}
