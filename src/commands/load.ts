import { Option } from 'commander';
import { daysBetween, parseDay } from '../domain/day.js';
import { QUEUES } from '../temporal/names.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';

interface LoadOptions extends JsonOption {
  from: string;
  to?: string;
  restore?: boolean;
}

export const load: CommandDeclaration = {
  name: 'load',
  summary: 'load days through the load workflow, and wait',
  options: [
    new Option('--from <day>', 'first local day, such as 2022-01-11').makeOptionMandatory(),
    new Option('--to <day>', 'last local day; default: the first'),
    new Option('--restore', 'load the facts of archived days into the warehouse again, permanently'),
    jsonOption(),
  ],
  examples: ['ladepuls load --from 2022-01-11 --to 2022-01-31'],
  action: inContext(async (context, options: LoadOptions) => {
    const { loadDays } = await import('./loads/loadDays.js');
    const days = daysBetween(parseDay(options.from), parseDay(options.to ?? options.from));
    await loadDays(
      context,
      {
        days,
        command: 'load',
        begin: (client, day) =>
          client.workflow.start('loadDay', {
            taskQueue: QUEUES.load,
            workflowId: `loadDay-${day}-${Date.now()}`,
            args: [{ day, reason: 'load', restore: options.restore ?? false }],
            staticSummary: day,
          }),
      },
      options,
    );
  }),
};
