import { Argument, Option } from 'commander';
import { FORMAT_NAMES, type FormatName } from '../serving/exporting/names.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';
import type { ExportOptions } from './export/exportWarehouse.js';

export const exportWarehouse: CommandDeclaration = {
  name: 'export',
  summary:
    'tables of the warehouse as files, day by day, with a dictionary of what they mean; or stations as OCPI or GeoJSON',
  arguments: [new Argument('<format>', 'of the files').choices(FORMAT_NAMES)],
  options: [
    new Option(
      '--table <names>',
      'tables and views of the warehouse, separated by commas, or all; default: the facts, their dimensions and time',
    ),
    new Option(
      '--from <day>',
      'first local day, of tables that have days; default: the first one that is loaded',
    ),
    new Option('--to <day>', 'last local day; default: the last one that is loaded'),
    new Option(
      '--to-file <folder>',
      'folder for the files, which is made; files of the same days are replaced',
    ),
    new Option('--to-store <address>', 'store for the files: file:<folder> or s3://<bucket>/<prefix>'),
    new Option(
      '--for-spreadsheets',
      'of csv: put an apostrophe before texts that a spreadsheet takes for formulas',
    ),
    jsonOption('print what was written as JSON'),
  ],
  examples: [
    'ladepuls export parquet --to-file exported',
    'ladepuls export csv --table charging_event > events.csv',
  ],
  action: inContext(async (context, format: FormatName, options: ExportOptions) => {
    const { exportWarehouse: run } = await import('./export/exportWarehouse.js');
    await run(context, format, options);
  }),
};
