import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column, Relation } from '../../../warehouse/relation.js';
import type { Format } from '../format.js';
import { type ColumnType, columnType, type Value } from './types.js';

/** Estimated size of a row group's values in memory, in bytes. Writing the row group takes a few times as much. */
const ROW_GROUP_BYTES = 8 * 1024 * 1024;
const VALUE_BYTES = 16;

/**
 * Parquet with Snappy compression, which every reader supports. The file of a day lacks the column `day`: readers take
 * it as a date from the folder's name, and pyarrow refuses files that also have the column.
 */
export const parquet: Format = {
  extension: 'parquet',
  repeatsDay: false,

  async *write(snapshot, slice, onRows) {
    const columns = slice.columns.map((column) => new ColumnValues(slice.relation, column));
    const bytes = new ByteWriter();
    const writer = new ParquetWriter({
      writer: bytes,
      schema: [
        { name: slice.relation.name, num_children: columns.length },
        ...columns.flatMap(({ type }) => type.elements),
      ],
      kvMetadata: comments(slice.relation),
    });
    let held = 0;
    for await (const rows of snapshot.rows(slice)) {
      for (const row of rows)
        for (const [index, column] of columns.entries()) held += column.add(row[index] ?? null);
      onRows(rows.length);
      if (held < ROW_GROUP_BYTES) continue;
      writeRowGroup(writer, columns);
      held = 0;
      yield take(bytes);
    }
    if (held > 0) writeRowGroup(writer, columns);
    void writer.finish();
    yield take(bytes);
  },
};

/** Values of one column in the current row group. */
class ColumnValues {
  readonly type: ColumnType;
  private values: (Value | null)[] = [];

  constructor(
    private readonly relation: Relation,
    private readonly column: Column,
  ) {
    this.type = columnType(column);
  }

  /** Add a value in Postgres' text format. Returns its estimated size in memory, in bytes. */
  add(text: string | null): number {
    this.values.push(text === null ? null : this.parse(text));
    return VALUE_BYTES + (text?.length ?? 0);
  }

  /** Return the values and empty this object. */
  take(): { name: string; data: (Value | null)[] } {
    const data = this.values;
    this.values = [];
    return { name: this.column.name, data };
  }

  private parse(text: string): Value {
    try {
      return this.type.parse(text);
    } catch (error) {
      throw new RangeError(`${this.relation.name}.${this.column.name}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

function writeRowGroup(writer: ParquetWriter, columns: ColumnValues[]): void {
  const columnData = columns.map((column) => column.take());
  // The promise is not awaited, because the writer writes to memory.
  void writer.write({ columnData, rowGroupSize: columnData[0]?.data.length ?? 0 });
}

/** Return the bytes that were written since the last call. */
function take(bytes: ByteWriter): Uint8Array {
  const written = bytes.getBytes().slice();
  bytes.index = 0;
  return written;
}

/** Return the meanings of a table and its columns as metadata of a file. */
function comments({ comment, columns }: Relation): { key: string; value: string }[] {
  const meanings = Object.fromEntries(columns.map((column) => [column.name, column.comment]));
  return [
    { key: 'ladepuls.table', value: comment ?? '' },
    { key: 'ladepuls.columns', value: JSON.stringify(meanings) },
  ];
}
