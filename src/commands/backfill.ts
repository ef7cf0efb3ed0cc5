import { Option } from 'commander';
import type { BackfillOptions } from './backfill/backfill.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';

export const backfill: CommandDeclaration = {
  name: 'backfill',
  summary: "load days through the schedule's own backfill, and wait",
  options: [
    new Option('--from <day>', 'first local day, such as 2022-01-11').makeOptionMandatory(),
    new Option('--to <day>', 'last local day').makeOptionMandatory(),
    jsonOption(),
  ],
  examples: ['ladepuls backfill --from 2022-01-01 --to 2022-12-31'],
  action: inContext(async (context, options: BackfillOptions) => {
    const { backfill: run } = await import('./backfill/backfill.js');
    await run(context, options);
  }),
};
