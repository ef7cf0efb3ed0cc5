import { type WorkflowHandle, WorkflowFailedError } from '@temporalio/client';
import type { Day } from '../../domain/day.js';
import { describeFailure } from '../../temporal/client.js';
import type { LoadDayResult } from '../../workflows/loadOnce.js';
import { CommandFailed, type Context } from '../context/context.js';

/** Interval at which to look why a load makes no progress. */
const LOOK_EVERY_MS = 10_000;

/** Error for a load that ended without having loaded its day. */
export class LoadFailed extends CommandFailed {
  override name = 'LoadFailed';
  constructor(
    readonly day: Day,
    readonly reason: string,
  ) {
    super(`${day} was not loaded: ${reason}`);
  }
}

/**
 * Wait for a load workflow. Until the end, report each new reason why one of its activities is retried.
 *
 * @throws LoadFailed when the load failed
 * @throws the client's error when Temporal does not return a result
 */
export async function waitForLoad(
  context: Pick<Context, 'progress'>,
  day: Day,
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
    ); // handle.result() below reports what is wrong with Temporal
  }, LOOK_EVERY_MS);
  try {
    return (await handle.result()) as LoadDayResult;
  } catch (error) {
    if (error instanceof WorkflowFailedError) throw new LoadFailed(day, describeFailure(error));
    throw error;
  } finally {
    clearInterval(timer);
  }
}
