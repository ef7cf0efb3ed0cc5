import { parse } from 'csv-parse/sync';
import { columnsOf, type Decision, type DecisionTable, isTruth } from './decisions.js';

/**
 * A table of schema `config` as CSV that `ladepuls config import` takes: every text in quotes, exactly as it is, and rows in
 * the order of their bytes. So equal tables are equal texts.
 */
export function writeDecisions(table: DecisionTable, rows: readonly Decision[]): string {
  const columns = columnsOf(table);
  const lines = rows.map((row) => columns.map((column) => field(row[column])).join(','));
  return [columns.join(','), ...lines.sort()].map((line) => `${line}\n`).join('');
}

/** Reads what {@link writeDecisions} writes. Throws an Error where it has other columns, as of another release. */
export function readDecisionsCsv(table: DecisionTable, csv: string): Decision[] {
  const columns = columnsOf(table);
  const [header, ...records] = parse(csv);
  if (header?.join() !== columns.join())
    throw new Error(`it has the columns "${header?.join() ?? ''}" instead of "${columns.join()}"`);
  // Texts as they are: what people type is trimmed and checked, what stood in the table is not.
  return records.map((record) =>
    Object.fromEntries(
      columns.map((column, index) => {
        const value = record[index] ?? '';
        return [column, isTruth(table, column) ? value === 'true' : value];
      }),
    ),
  );
}

function field(value: string | boolean | undefined): string {
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value);
}
