import { Option } from 'commander';
import type { DemoOptions } from './demo/demo.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { jsonOption } from './declaration/jsonOption.js';

export const demo: CommandDeclaration = {
  name: 'demo',
  summary:
    'run the whole system on simulated feeds, in a separate home directory, with past days already loaded',
  options: [
    new Option(
      '--days <number>',
      'past days to make up, beside today, when it starts for the first time',
    ).default('14'),
    new Option('--stations <number>', 'stations of each feed; default: 12 to 40'),
    jsonOption('print addresses, questions and answers as one line of JSON'),
  ],
  examples: ['ladepuls demo --days 3'],
  action: inContext(
    async (context, options: DemoOptions) => {
      const { demo: run } = await import('./demo/demo.js');
      await run(context, options);
    },
    { isService: true },
  ),
};
