import { Option } from 'commander';
import type { CoverageOptions } from './coverage/coverage.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';

export const coverage: CommandDeclaration = {
  name: 'coverage',
  summary: 'feeds and days: which polls were stored, failed and missed, and why',
  options: [
    new Option('--from <day>', 'first local day; default: of the last 7 days with anything to poll'),
    new Option('--to <day>', 'last local day'),
    jsonOption('print JSON, with every gap'),
  ],
  examples: ['ladepuls coverage --from 2022-01-01 --to 2022-01-31'],
  action: inContext(async (context, options: CoverageOptions) => {
    const { coverage: run } = await import('./coverage/coverage.js');
    await run(context, options);
  }),
};
