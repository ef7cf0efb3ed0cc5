import { rootCause, WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import {
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  log,
  ParentClosePolicy,
  setCurrentDetails,
} from '@temporalio/workflow';
import { eachOf } from './eachOf.js';
import { loadDay } from './loadDay.js';
import { loadSteps } from './loadSteps.js';

export interface ReloadChangedResult {
  /** Days that were loaded again, in order. */
  days: string[];
  /** Days whose load failed, each with the reason. */
  notLoaded: Record<string, string>;
}

/** Days under way at once; each is spread over the load queue's slots. */
const DAYS_AT_ONCE = 2;
const REASON = 'raw changed';

/**
 * Loads published days again of which answers came later: from a poller's spool, by an import, or by any other means. What
 * raw holds of a day is loaded once, whatever comes of it: the load has an id that says so.
 */
export async function reloadChanged(): Promise<ReloadChangedResult> {
  const changed = await loadSteps('recent').planReloads();
  const result: ReloadChangedResult = { days: [], notLoaded: {} };
  await eachOf(changed, DAYS_AT_ONCE, async ({ day, state }) => {
    try {
      await executeChild(loadDay, {
        workflowId: `reload-${day}-${state}`,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        args: [{ day, reason: REASON }],
      });
      result.days.push(day);
    } catch (error) {
      if (isCancellation(error)) throw error;
      if (error instanceof WorkflowExecutionAlreadyStartedError) return;
      if (!(error instanceof ChildWorkflowFailure)) throw error;
      const reason = rootCause(error) ?? error.message;
      log.warn('a day whose answers changed was not loaded', { day, reason });
      result.notLoaded[day] = reason;
    }
  });
  result.days.sort();
  setCurrentDetails(describe(result));
  return result;
}

function describe({ days, notLoaded }: ReloadChangedResult): string {
  const failures = Object.entries(notLoaded).map(([day, reason]) => `- ${day} was not loaded: ${reason}`);
  if (days.length === 0 && failures.length === 0) return 'Nothing came for days that are published.';
  return [`${days.length} days were loaded again: ${days.join(', ')}`, ...failures].join('\n');
}
