import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { CsvError, parse } from 'csv-parse/sync';
import { csvTable } from '../../domain/csv.js';
import { fromSpreadsheetText, spreadsheetValue } from '../../domain/spreadsheet.js';
import { columnsOf, type Decision, DECISIONS, type DecisionTable } from '../../warehouse/decisions.js';
import { readDecisions, replaceDecisions } from '../../warehouse/open.js';
import { CommandFailed, type Context } from '../context/context.js';
import { syncOrTell } from '../context/syncDecisions.js';
import type { JsonOption } from '../declaration/jsonOption.js';
import { withWarehouse } from '../context/withWarehouse.js';

/** Number of mistakes that an error lists one by one. */
const MISTAKES_SHOWN = 10;

/** Print a table that people edit as CSV, with the rows that wait for a decision (`ladepuls config export`). */
export async function exportDecisions(
  context: Context,
  table: DecisionTable,
  options: JsonOption,
): Promise<void> {
  const rows = await withWarehouse(context, (url) => readDecisions(url, table));
  process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : writeTable(table, rows));
}

/**
 * Format a table as CSV in which no spreadsheet takes a text for a formula. {@link readTable} restores the same rows.
 */
export function writeTable(table: DecisionTable, rows: readonly Decision[]): string {
  const columns = columnsOf(table);
  const lines = rows.map((row) => columns.map((column) => spreadsheetValue(row[column] ?? null)));
  return csvTable(columns, lines);
}

/**
 * Replace a table that people edit by the rows of a CSV file (`ladepuls config import`).
 * The new rows apply to the whole past at once. They are also copied to the raw store.
 */
export async function importDecisions(
  context: Context,
  table: DecisionTable,
  file: string,
  options: JsonOption,
): Promise<void> {
  const decisions = readTable(table, await contentOf(file));
  await withWarehouse(context, async (url) => {
    await replaceDecisions(url, table, decisions);
    context.progress(
      `config.${table} has ${decisions.length} ${decisions.length === 1 ? 'row' : 'rows'} now. They apply to all days, also to past days, without a load.`,
    );
    await syncOrTell(context, url, table);
    if (options.json) process.stdout.write(`${JSON.stringify({ table, rows: decisions.length })}\n`);
  });
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandFailed(`${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Read a table from CSV as spreadsheets write it.
 *
 * @throws CommandFailed when lines are wrong; the message names the lines and the reasons
 */
export function readTable(table: DecisionTable, csv: string): Decision[] {
  const columns = columnsOf(table);
  const [header, ...records] = parseCsv(csv);
  if (header?.record.join() !== columns.join())
    throw new CommandFailed(
      `The first line must be "${columns.join(',')}". Correct the file, then run the command again.`,
    );
  if (records.length === 0)
    throw new CommandFailed(
      'The file has no row below the first line. The import would delete all rows of the table, and was not done.',
    );
  const mistakes: string[] = [];
  const decisions = new Map<unknown, Decision>();
  for (const { record, info } of records) {
    const read = DECISIONS[table].safeParse(
      Object.fromEntries(columns.map((column, index) => [column, fromSpreadsheetText(record[index] ?? '')])),
    );
    if (!read.success) {
      for (const { path, message } of read.error.issues)
        mistakes.push(`line ${info.lines}, ${path.join('.')}: ${message}`);
      continue;
    }
    const decision: Decision = read.data;
    const key = decision[columns[0] ?? ''];
    if (decisions.has(key)) mistakes.push(`line ${info.lines}: "${key}" is in the file twice`);
    decisions.set(key, decision);
  }
  if (mistakes.length > 0) {
    const more = mistakes.length - MISTAKES_SHOWN;
    const listed = [...mistakes.slice(0, MISTAKES_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
    throw new CommandFailed(
      `The table was not changed. Correct these lines, then run the command again:\n  ${listed.join('\n  ')}`,
    );
  }
  return [...decisions.values()];
}

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

function parseCsv(csv: string): CsvRecord[] {
  // Spreadsheets in German separate fields by semicolons. Only one delimiter is accepted for each file, because the
  // other one may occur within a text.
  const [firstLine = ''] = csv.split(/[\r\n]/, 1);
  const delimiter = firstLine.includes(';') ? ';' : ',';
  const options = { bom: true, info: true, skip_empty_lines: true, delimiter };
  try {
    return parse(csv, options) as unknown as CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CommandFailed(`The file is not valid CSV: ${error.message}`, { cause: error });
  }
}
