import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import pMap from 'p-map';
import { daysBetween, parseDay } from '../domain/day.js';
import type { LoadDayResult } from '../workflows/loadDay.js';
import { QUEUES } from '../workflows/names.js';
import { CommandFailed, type Context, withInstallation } from './context.js';
import { formatTable } from './table.js';

/** Days under way at once; each is spread over the load queue's slots anyway. */
const DAYS_AT_ONCE = 2;
/** How often to look why a load is not getting on. */
const LOOK_EVERY_MS = 10_000;

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
        return watched(context, day, handle);
      };
      return pMap(days, loadOne, { concurrency: DAYS_AT_ONCE, stopOnError: false });
    },
  ).catch((error: unknown) => {
    if (error instanceof AggregateError)
      throw new CommandFailed(error.errors.map(describeFailure).join('\n'));
    throw error;
  });
  process.stdout.write(options.json ? `${JSON.stringify(results)}\n` : `${describeResults(results)}\n`);
}

/** Waits for a load, and says meanwhile what keeps it from getting on. */
async function watched(context: Context, day: string, handle: WorkflowHandle): Promise<LoadDayResult> {
  let said = '';
  const timer = setInterval(() => {
    void handle.describe().then(
      ({ raw }) => {
        const [waiting] = (raw.pendingActivities ?? []).filter(({ lastFailure }) => lastFailure);
        const why = waiting?.lastFailure?.message ?? '';
        if (why !== '' && why !== said)
          context.progress(`${day}: ${waiting?.activityType?.name ?? 'a step'} is tried again: ${why}`);
        said = why;
      },
      () => undefined,
    ); // the result below tells what is wrong with Temporal
  }, LOOK_EVERY_MS);
  try {
    return (await handle.result()) as LoadDayResult;
  } catch (error) {
    throw new CommandFailed(`${day} was not loaded: ${describeFailure(error)}`);
  } finally {
    clearInterval(timer);
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof WorkflowFailedError) return describeFailure(error.cause);
  if (error instanceof ActivityFailure || (error instanceof ApplicationFailure && error.cause)) {
    return describeFailure(error.cause);
  }
  return error instanceof Error ? error.message : String(error);
}

function describeResults(results: LoadDayResult[]): string {
  const table = formatTable(
    [
      'day',
      'revision',
      'feeds',
      'polls',
      'charging point facts',
      'connector facts',
      'quarantined',
      'unreadable',
    ],
    results.map((r) => [
      r.day,
      r.revision,
      r.feeds,
      r.polls,
      r.chargingPointFacts,
      r.connectorFacts,
      r.quarantined,
      r.unreadable,
    ]),
  );
  const empty = results.filter(({ feeds }) => feeds === 0).map(({ day }) => day);
  return empty.length === 0 ? table : `${table}\nRaw has no answers of ${empty.join(', ')}: nothing to load.`;
}
