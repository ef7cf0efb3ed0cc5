import { Argument } from 'commander';
import { DECISION_TABLES, type DecisionTable } from '../warehouse/decisions.js';
import type { CommandDeclaration, CommandGroup } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';

const table = new Argument('<table>', 'of schema config').choices(DECISION_TABLES);

const exportTable: CommandDeclaration = {
  name: 'export',
  summary: 'print a table as CSV, with what feeds show and nobody has decided on yet',
  arguments: [table],
  options: [jsonOption('print the rows as JSON')],
  examples: ['ladepuls config export operator_spelling > operators.csv'],
  action: inContext(async (context, name: DecisionTable, options: JsonOption) => {
    const { exportDecisions } = await import('./config/decisions.js');
    await exportDecisions(context, name, options);
  }),
};

const importTable: CommandDeclaration = {
  name: 'import',
  summary: 'replace a table by a CSV file; it holds for the whole past at once',
  arguments: [table, new Argument('<file>', 'the file; - for standard input')],
  options: [jsonOption('print how many rows the table has now as JSON')],
  examples: ['ladepuls config import operator_spelling operators.csv'],
  action: inContext(async (context, name: DecisionTable, file: string, options: JsonOption) => {
    const { importDecisions } = await import('./config/decisions.js');
    await importDecisions(context, name, file, options);
  }),
};

export const config: CommandGroup = {
  name: 'config',
  summary: 'tables that people edit: groups of statuses, names of operators',
  examples: ['ladepuls config export status_group > status_group.csv'],
  subcommands: [exportTable, importTable],
};
