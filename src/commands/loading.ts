import type { WorkflowHandle } from '@temporalio/client';
import { describeFailure } from '../temporal.js';
import type { LoadDayResult } from '../workflows/loadDay.js';
import { CommandFailed, type Context } from './context.js';
import { formatTable } from './table.js';

/** How often to look why a load is not getting on. */
const LOOK_EVERY_MS = 10_000;

/** Waits for a load, and says meanwhile what keeps it from getting on. */
export async function waitForLoad(
  context: Context,
  day: string,
  handle: WorkflowHandle,
): Promise<LoadDayResult> {
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

/** What loads made of their days, for scripts or for people. */
export function printLoads(results: LoadDayResult[], options: { json?: boolean }): void {
  process.stdout.write(options.json ? `${JSON.stringify(results)}\n` : `${describeResults(results)}\n`);
}

/** The failures of several loads as one. */
export function joinFailures(error: unknown): never {
  if (error instanceof AggregateError) throw new CommandFailed(error.errors.map(describeFailure).join('\n'));
  throw error;
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
