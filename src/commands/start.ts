import { inContext } from './declaration/inContext.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';

export const start: CommandDeclaration = {
  name: 'start',
  summary: 'the whole system on this machine: Temporal, Postgres, worker and schedules, until Ctrl-C',
  options: [jsonOption('print the addresses as one line of JSON')],
  details: `It runs until Ctrl-C, SIGTERM or "ladepuls stop"; a closed terminal does not end it. A part that fails is started
again, for ever.`,
  exitStatuses: [
    ['0', 'it was stopped, or runs already'],
    [
      '78',
      "a setting is wrong: what it names can't be used, such as a folder, or a port that polling needs and another\n" +
        'process has. A taken port of the API or of Postgres is waited for',
    ],
    ['130, 143', 'Ctrl-C or SIGTERM came before it was up'],
    ['1', 'any other failure'],
  ],
  examples: ['LADEPULS_FEEDS=koeln,bonn ladepuls start'],
  action: inContext(
    async (context, options: JsonOption) => {
      const { start: run } = await import('./start/start.js');
      await run(context, options);
    },
    { isService: true, survivesHangup: true },
  ),
};
