import pMap from 'p-map';
import { daysBetween, parseDay } from '../domain/day.js';
import { QUEUES } from '../workflows/names.js';
import { type Context, withInstallation } from './context.js';
import { joinFailures, printLoads, waitForLoad } from './loading.js';

/** Days under way at once; each is spread over the load queue's slots anyway. */
const DAYS_AT_ONCE = 2;

/** `ladepuls load`: loads days through the load workflow and waits. Fails when a day did not load. */
export async function load(
  context: Context,
  options: { from: string; to?: string; json?: boolean },
): Promise<void> {
  const days = daysBetween(parseDay(options.from), parseDay(options.to ?? options.from));
  const results = await withInstallation(
    context,
    { temporal: true, postgres: true, worker: true },
    async (parts) => {
      const client = await parts.client();
      const loadOne = async (day: string) => {
        const handle = await client.workflow.start('loadDay', {
          taskQueue: QUEUES.load,
          workflowId: `loadDay-${day}-${Date.now()}`,
          args: [{ day, reason: 'load' }],
          staticSummary: day,
        });
        context.progress(`${day} …`);
        return waitForLoad(context, day, handle);
      };
      return pMap(days, loadOne, { concurrency: DAYS_AT_ONCE, stopOnError: false });
    },
  ).catch(joinFailures);
  printLoads(results, options);
}
