import { inContext } from './declaration/inContext.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';

export const start: CommandDeclaration = {
  name: 'start',
  summary: 'run the whole system on this machine until Ctrl-C: Temporal, Postgres, worker and schedules',
  options: [jsonOption('print the addresses as one line of JSON')],
  details: `It runs until Ctrl-C, SIGTERM or "ladepuls stop"; a closed terminal does not end it. A component that fails is
restarted, without limit.`,
  exitStatuses: [
    ['0', 'it was stopped, or runs already'],
    [
      '78',
      "a setting is wrong, or its folder or port can't be used. If the port of the API or Postgres is taken,\n" +
        'start waits until it is free',
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
