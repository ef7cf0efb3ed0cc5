import { Argument, Option } from 'commander';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';
import type { SqlOptions } from './sql/sql.js';

export const sql: CommandDeclaration = {
  name: 'sql',
  summary: 'one read-only query on the warehouse',
  arguments: [new Argument('[query]', 'the query; default: standard input')],
  options: [
    new Option('--csv', 'print CSV, every value exact'),
    new Option(
      '--for-spreadsheets',
      'with --csv: put an apostrophe before texts that a spreadsheet takes for formulas',
    ),
    jsonOption(),
  ],
  examples: ['ladepuls sql "select status, count(*) from current_status group by status"'],
  action: inContext(async (context, query: string | undefined, options: SqlOptions) => {
    const { sql: run } = await import('./sql/sql.js');
    await run(context, query, options);
  }),
};
