import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column, Relation } from '../../../warehouse/relation.js';
import type { Format } from '../format.js';
import { type ColumnType, columnType, type Value } from './types.js';

/** What a row group's values take, estimated: so much is held, and a few times as much while it is written. */
const ROW_GROUP_BYTES = 8 * 1024 * 1024;
const VALUE_BYTES = 16;

/**
 * Parquet with Snappy, which every reader knows. A file of a day does not have the day: readers take it from the folder's
 * name, as a date, and pyarrow refuses files that have it too.
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

/** The values of one column of the row group that is being filled. */
class ColumnValues {
  readonly type: ColumnType;
  private values: (Value | null)[] = [];

  constructor(
    private readonly relation: Relation,
    private readonly column: Column,
  ) {
    this.type = columnType(column);
  }

  /** Adds a value of Postgres' text. Returns about how many bytes it holds. */
  add(text: string | null): number {
    this.values.push(text === null ? null : this.parse(text));
    return VALUE_BYTES + (text?.length ?? 0);
  }

  /** Hands the values over, and is empty. */
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
  // Waits for nothing, because what it writes to is memory.
  void writer.write({ columnData, rowGroupSize: columnData[0]?.data.length ?? 0 });
}

/** What was written since the last time. */
function take(bytes: ByteWriter): Uint8Array {
  const written = bytes.getBytes().slice();
  bytes.index = 0;
  return written;
}

/** What a table and its columns mean, as a file's own metadata. */
function comments({ comment, columns }: Relation): { key: string; value: string }[] {
  const meanings = Object.fromEntries(columns.map((column) => [column.name, column.comment]));
  return [
    { key: 'ladepuls.table', value: comment ?? '' },
    { key: 'ladepuls.columns', value: JSON.stringify(meanings) },
  ];
}
