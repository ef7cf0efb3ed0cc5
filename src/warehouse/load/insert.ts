import type pg from 'pg';
import { batchesOf } from '../../domain/batches.js';
import { stagingTable, type DayTable, list } from './tables.js';

/**
 * Rows in one statement. With the columns of any table here, a statement has fewer values than its maximum of 32,767.
 */
const ROWS_AT_ONCE = 1000;

/**
 * Insert rows into a staging table. The fields of a row are named like the columns. Large amounts of rows are copied
 * with COPY instead.
 */
export function insertStaging(
  client: pg.PoolClient,
  of: DayTable,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  return insertRows(client, { into: stagingTable(of), columns: of.columns }, rows);
}

/** Insert rows into a table. The fields of a row are named like the columns. */
export async function insertRows(
  client: pg.ClientBase,
  { into, columns }: { into: string; columns: readonly string[] },
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  for (const some of batchesOf(rows, ROWS_AT_ONCE)) {
    const placeholders = some.map((_, row) => {
      const first = row * columns.length + 1;
      return `(${columns.map((__, column) => `$${first + column}`).join(', ')})`;
    });
    await client.query(
      `insert into ${into} (${list(columns)}) values ${placeholders.join(', ')}`,
      some.flatMap((row) => columns.map((column) => row[column])),
    );
  }
}
