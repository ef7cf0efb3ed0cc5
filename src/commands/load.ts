import { daysBetween, parseDay } from '../domain/day.js';
import { QUEUES } from '../temporal/names.js';
import type { Context } from './context/context.js';
import { loadDays } from './loads/loadDays.js';

/** `ladepuls load`: loads days through the load workflow and waits. Fails when a day did not load. */
export async function load(
  context: Context,
  options: { from: string; to?: string; restore?: boolean; json?: boolean },
): Promise<void> {
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
}
