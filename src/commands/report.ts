import { Argument, Option } from 'commander';
import { type ReportName, REPORTS } from '../serving/reports/names.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';
import { FORMATS, type ReportOptions } from './report/options.js';

const ROW_KINDS = [...new Set(Object.values(REPORTS).flat())];

export const report: CommandDeclaration = {
  name: 'report',
  summary: 'measures of a period, ranked, beside those of the period before',
  arguments: [new Argument('<report>', 'what is measured').choices(Object.keys(REPORTS))],
  options: [
    new Option(
      '--by <what>',
      'what each row stands for; default: the first that the report has, such as city',
    ).choices(ROW_KINDS),
    new Option('--from <day>', 'first local day; default: of 28 days'),
    new Option('--to <day>', 'last local day; default: the last one that is loaded'),
    new Option('--format <format>', 'of the output').choices(FORMATS).default('table'),
    jsonOption('the same as --format json').implies({ format: 'json' }),
    new Option('--limit <number>', 'rows of the table; default: 20, all if each row is a period'),
  ],
  details: `What a row may stand for, by report:
${Object.entries(REPORTS)
  .map(([name, kinds]) => `  ${name.padEnd(13)}${kinds.join(', ')}`)
  .join('\n')}`,
  examples: ['ladepuls report utilization --by operator --format html > report.html'],
  action: inContext(async (context, name: ReportName, options: ReportOptions) => {
    const { report: run } = await import('./report/report.js');
    await run(context, name, options);
  }),
};
