import { Option } from 'commander';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';
import type { RebuildOptions } from './rebuild/rebuild.js';

export const rebuild: CommandDeclaration = {
  name: 'rebuild',
  summary: 'fill a new warehouse from the raw store, while readers keep the old one until it is complete',
  options: [
    new Option('--restore', 'load the facts of archived days into the warehouse again, permanently'),
    jsonOption(),
  ],
  details: `On Postgres, the rebuild creates objects of other people, such as views and grants, again on the new tables. The command
prints each object that could not be created again, with the reason. The table ops.not_recreated has the statements.`,
  examples: ['ladepuls rebuild --json'],
  action: inContext(async (context, options: RebuildOptions) => {
    const { rebuild: run } = await import('./rebuild/rebuild.js');
    await run(context, options);
  }),
};
