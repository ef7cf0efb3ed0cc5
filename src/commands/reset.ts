import { Option } from 'commander';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';
import type { ResetOptions } from './reset/reset.js';

export const reset: CommandDeclaration = {
  name: 'reset',
  summary: 'remove everything of the local installation that can be made again; the raw store stays',
  options: [
    new Option('--raw', "also remove the home's raw store, whose answers can never be asked for again"),
    new Option('--yes', 'go on without asking; needed where there is no terminal'),
    jsonOption(),
  ],
  details: `Removes Temporal's database, Postgres' cluster, flat files, logs. Keeps raw answers, the collection log, and what
people edited in schema config, which comes back in the next warehouse. Stores outside of the home always stay.`,
  examples: [
    'ladepuls reset      # says what it removes and how much that is, and asks',
    'ladepuls start      # a new warehouse …',
    'ladepuls rebuild    # … with every day of the raw store, while it runs',
  ],
  action: inContext(async (context, options: ResetOptions) => {
    const { reset: run } = await import('./reset/reset.js');
    await run(context, options);
  }),
};
