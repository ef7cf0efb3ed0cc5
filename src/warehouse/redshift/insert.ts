import type pg from 'pg';
import { asideTable, type DayTable, list } from './tables.js';

/** Rows in one statement: with the columns of any table here, fewer values than a statement takes (32,767). */
const ROWS_AT_ONCE = 1000;

/** Inserts some rows aside, whose fields are named as the columns are. What is large comes by COPY instead. */
export async function insertRows(
  client: pg.PoolClient,
  of: DayTable,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  for (let begin = 0; begin < rows.length; begin += ROWS_AT_ONCE) {
    const some = rows.slice(begin, begin + ROWS_AT_ONCE);
    const places = some.map((_, row) => {
      const first = row * of.columns.length + 1;
      return `(${of.columns.map((__, column) => `$${first + column}`).join(', ')})`;
    });
    await client.query(
      `insert into ${asideTable(of)} (${list(of.columns)}) values ${places.join(', ')}`,
      some.flatMap((row) => of.columns.map((column) => row[column])),
    );
  }
}
