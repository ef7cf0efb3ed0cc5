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
  details: `On Postgres, views, grants and the like that other people made on the warehouse are made anew on the new tables. What
could not be is printed with its reason; the table ops.not_recreated keeps the statements that made it.`,
  examples: ['ladepuls rebuild --json'],
  action: inContext(async (context, options: RebuildOptions) => {
    const { rebuild: run } = await import('./rebuild/rebuild.js');
    await run(context, options);
  }),
};
