import { text } from 'node:stream/consumers';
import { csvTable, type CsvValue } from '../cleaning/csv.js';
import { query, type QueryResult } from '../warehouse/open.js';
import { CommandFailed, type Context } from './context.js';
import { type Cell, formatTable } from './table.js';
import { withWarehouse } from './withWarehouse.js';

/** `ladepuls sql`: one read-only query on the warehouse, the answer as a table, CSV or JSON. */
export async function sql(
  context: Context,
  argument: string | undefined,
  options: { csv?: boolean; json?: boolean },
): Promise<void> {
  const statement = argument ?? (await text(process.stdin));
  if (statement.trim() === '')
    throw new CommandFailed('There is no query: give one as an argument or on standard input.');
  const result = await withWarehouse(context, (url) => query(url, statement, context.config.timeZone));
  process.stdout.write(format(result, options));
}

function format({ columns, rows }: QueryResult, options: { csv?: boolean; json?: boolean }): string {
  if (options.json) {
    const objects = rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, row[index]])),
    );
    return `${JSON.stringify(objects)}\n`;
  }
  if (options.csv)
    return csvTable(
      columns,
      rows.map((row) => row.map(csvCell)),
    );
  return `${formatTable(columns, rows)}\n${rows.length} ${rows.length === 1 ? 'row' : 'rows'}\n`;
}

function csvCell(cell: Cell): CsvValue {
  if (cell === undefined || cell === null) return null;
  return typeof cell === 'object' ? JSON.stringify(cell) : cell;
}
