import { parse } from 'csv-parse/sync';
import { columnsOf, type Decision, type DecisionTable, isTruth } from './decisions.js';

/**
 * Return a table of schema `config` as CSV for `ladepuls config import`. Every text is quoted and unchanged, and rows
 * are sorted by their bytes. Therefore equal tables give equal texts.
 */
export function writeDecisions(table: DecisionTable, rows: readonly Decision[]): string {
  const columns = columnsOf(table);
  const lines = rows.map((row) => columns.map((column) => field(row[column])).join(','));
  return [columns.join(','), ...lines.sort()].map((line) => `${line}\n`).join('');
}

/**
 * Read CSV of {@link writeDecisions}.
 *
 * @throws Error when the CSV has other columns, such as those of another release
 */
export function readDecisionsCsv(table: DecisionTable, csv: string): Decision[] {
  const columns = columnsOf(table);
  const [header, ...records] = parse(csv);
  if (header?.join() !== columns.join())
    throw new Error(
      `its columns are "${header?.join() ?? ''}", but this version of Ladepuls needs "${columns.join()}"`,
    );
  // Texts are not trimmed or validated, because they come from the table. Only input of people is.
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
