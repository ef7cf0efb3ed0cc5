import { type WorkflowHandle, WorkflowFailedError } from '@temporalio/client';
import type { Day } from '../../domain/day.js';
import { describeFailure } from '../../temporal/client.js';
import type { LoadDayResult } from '../../workflows/loadOnce.js';
import { CommandFailed, type Context } from '../context/context.js';

/** How often to look why a load is not getting on. */
const LOOK_EVERY_MS = 10_000;

/** A load that came to its end without having loaded its day. */
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
 * Waits for a load, and says meanwhile what keeps it from getting on. Throws LoadFailed where it failed; another error
 * where Temporal does not tell.
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
    ); // the result below tells what is wrong with Temporal
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
