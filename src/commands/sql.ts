import { text } from 'node:stream/consumers';
import { csvLine, type CsvValue } from '../cleaning/csv.js';
import { openWarehouse, query, type QueryResult } from '../warehouse/open.js';
import { CommandFailed, type Context, withInstallation } from './context.js';
import { type Cell, formatTable } from './table.js';

/** `ladepuls sql`: one read-only query on the warehouse, the answer as a table, CSV or JSON. */
export async function sql(
  context: Context,
  argument: string | undefined,
  options: { csv?: boolean; json?: boolean },
): Promise<void> {
  const statement = argument ?? (await text(process.stdin));
  if (statement.trim() === '')
    throw new CommandFailed('There is no query: give one as an argument or on standard input.');
  const result = await withInstallation(context, { postgres: true }, async (parts) => {
    const { databaseUrl = '', supervisor } = parts;
    // A cluster that was made just now has no tables yet.
    if (supervisor?.addresses.postgresUrl !== undefined) await migrateDatabase(databaseUrl, context);
    return query(databaseUrl, statement, context.config.timeZone);
  });
  process.stdout.write(format(result, options));
}

async function migrateDatabase(url: string, { config }: Context): Promise<void> {
  const warehouse = openWarehouse(url, config);
  try {
    await warehouse.migrate();
  } finally {
    await warehouse.close();
  }
}

function format({ columns, rows }: QueryResult, options: { csv?: boolean; json?: boolean }): string {
  if (options.json) {
    const objects = rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, row[index]])),
    );
    return `${JSON.stringify(objects)}\n`;
  }
  if (options.csv) return [columns, ...rows].map((row) => csvLine(row.map(csvCell))).join('');
  return `${formatTable(columns, rows)}\n${rows.length} ${rows.length === 1 ? 'row' : 'rows'}\n`;
}

function csvCell(cell: Cell): CsvValue {
  if (cell === undefined || cell === null) return null;
  return typeof cell === 'object' ? JSON.stringify(cell) : cell;
}
