import type { Day } from '../../domain/day.js';
import { csvLine } from '../../domain/csv.js';
import { spreadsheetText } from '../../domain/spreadsheet.js';
import type { Relation } from '../../warehouse/relation.js';
import type { TableSlice, Snapshot } from '../../warehouse/snapshot.js';
import type { Format } from './format.js';

type WriteSlice = (
  snapshot: Snapshot,
  slice: TableSlice,
  options: { header: boolean; onRows: (rows: number) => void },
) => AsyncIterable<Uint8Array>;

const exactly: WriteSlice = (snapshot, slice, options) => snapshot.csv(slice, options);

/** Types of columns without texts that a spreadsheet could take for formulas. */
const NUMBERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']);

/** Write CSV as `exactly` does, but neutralize texts that spreadsheets take for formulas. */
const forSpreadsheets: WriteSlice = async function* (snapshot, slice, { header, onRows }) {
  const { columns } = slice;
  const isNumber = columns.map(({ type }) => NUMBERS.has(type));
  if (header) yield Buffer.from(csvLine(columns.map(({ name }) => spreadsheetText(name))));
  for await (const rows of snapshot.rows(slice)) {
    const lines = rows.map((row) =>
      csvLine(row.map((text, index) => (text === null || isNumber[index] ? text : spreadsheetText(text)))),
    );
    yield Buffer.from(lines.join(''));
    onRows(rows.length);
  }
};

const formatOf = (writeSlice: WriteSlice): Format => ({
  extension: 'csv',
  repeatsDay: true,
  write: (snapshot, slice, onRows) => writeSlice(snapshot, slice, { header: true, onRows }),
});

/**
 * CSV of RFC 4180 in UTF-8 with a header. Postgres writes it, and every value is exact. The file of a day also has the
 * column `day`, because spreadsheets do not read folder names.
 */
export const csv: Format = formatOf(exactly);
/** CSV as in `csv`, for people who open it in a spreadsheet: texts that look like formulas are neutralized. */
export const spreadsheetCsv: Format = formatOf(forSpreadsheets);

/**
 * Yield a table as one CSV with one header: the rows of the given days, one day after another. The day null stands for
 * the whole table.
 */
export async function* readAsCsv(
  snapshot: Snapshot,
  relation: Relation,
  days: readonly (Day | null)[],
  { onRows, isForSpreadsheets }: { onRows: (rows: number) => void; isForSpreadsheets: boolean },
): AsyncGenerator<Uint8Array> {
  const writeSlice = isForSpreadsheets ? forSpreadsheets : exactly;
  for (const [index, day] of days.entries())
    yield* writeSlice(
      snapshot,
      { relation, columns: relation.columns, day },
      { header: index === 0, onRows },
    );
}
