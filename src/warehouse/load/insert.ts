import type pg from 'pg';
import { batchesOf } from '../../domain/batches.js';
import { stagingTable, type DayTable, list } from './tables.js';

/** Rows in one statement: with the columns of any table here, fewer values than a statement takes (32,767). */
const ROWS_AT_ONCE = 1000;

/** Inserts some rows into staging, whose fields are named as the columns are. What is large comes by COPY instead. */
export function insertStaging(
  client: pg.PoolClient,
  of: DayTable,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  return insertRows(client, { into: stagingTable(of), columns: of.columns }, rows);
}

/** Inserts some rows, whose fields are named as the columns are. */
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
