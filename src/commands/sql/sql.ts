import { text } from 'node:stream/consumers';
import { csvTable, type CsvValue } from '../../domain/csv.js';
import { openReaderLogin } from '../../warehouse/postgres/readers.js';
import { spreadsheetValue } from '../../domain/spreadsheet.js';
import { query, type QueryResult } from '../../warehouse/open.js';
import { CommandFailed, type Context } from '../context/context.js';
import { type Cell, formatTable } from '../console/table.js';
import { withWarehouse } from '../context/withWarehouse.js';

export interface SqlOptions {
  csv?: boolean;
  json?: boolean;
  /** Whether to escape texts in CSV that a spreadsheet would take for formulas. */
  forSpreadsheets?: boolean;
}

const NO_READER =
  '"ladepuls sql" logs in as a role that only reads, and LADEPULS_READER_URL, the address for it, is not set. In Postgres ' +
  "a superuser lets that role log in, ALTER ROLE ladepuls_reader LOGIN PASSWORD '…', and the address is " +
  'postgres://ladepuls_reader:…@HOST/DATABASE.';

/**
 * Run one read-only query on the warehouse, and print its result as a table, CSV or JSON (`ladepuls sql`).
 * The command logs in as a role that may only read. After `SET ROLE` alone, a query could switch back to the first
 * role.
 */
export async function sql(
  context: Context,
  argument: string | undefined,
  options: SqlOptions,
): Promise<void> {
  const statement = argument ?? (await text(process.stdin));
  if (statement.trim() === '')
    throw new CommandFailed(
      'There is no query. Give a query as an argument, ladepuls sql "select …", or on standard input.',
    );
  if (options.forSpreadsheets && !options.csv)
    throw new CommandFailed(
      '--for-spreadsheets needs --csv, because it changes only the CSV output. Give both options.',
    );
  const { warehouse, readers, general } = context.config;
  if (warehouse.url !== undefined && readers.url === undefined) throw new CommandFailed(NO_READER);
  const result = await withWarehouse(context, async (url) =>
    query(readers.url ?? (await openReaderLogin(url)), statement, general.timeZone),
  );
  process.stdout.write(format(result, options));
}

function format({ columns, rows }: QueryResult, options: SqlOptions): string {
  if (options.json) {
    const objects = rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, row[index]])),
    );
    return `${JSON.stringify(objects)}\n`;
  }
  if (options.csv) {
    const cells = [columns, ...rows].map((row) => row.map(csvCell));
    const [header = [], ...lines] = options.forSpreadsheets
      ? cells.map((row) => row.map(spreadsheetValue))
      : cells;
    return csvTable(header.map(String), lines);
  }
  return `${formatTable(columns, rows)}\n${rows.length} ${rows.length === 1 ? 'row' : 'rows'}\n`;
}

function csvCell(cell: Cell): CsvValue {
  if (cell === undefined || cell === null) return null;
  return typeof cell === 'object' ? JSON.stringify(cell) : cell;
}
