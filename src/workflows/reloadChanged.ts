import { rootCause, WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  log,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
} from '@temporalio/workflow';
import type { ChangedDay } from '../activities/reload/planReloads.js';
import { eachOf } from './eachOf.js';
import { loadDay, type LoadDayInput } from './loadDay.js';
import { loadSteps } from './loadSteps.js';

/** Result of the workflow `reloadChanged`. */
export interface ReloadChangedResult {
  /** Days that were loaded again, in order. */
  days: string[];
  /** Days whose load failed, each with the reason. */
  notLoaded: Record<string, string>;
  /** Days long past whose load was started, in order. These loads continue after this workflow. */
  begun: string[];
}

/** Number of days that are loaded concurrently. Each day is spread over the slots of the load queue. */
const DAYS_AT_ONCE = 2;
const REASON = 'raw changed';

/**
 * Load published days again that have new answers: from a poller's spool, by an import, or by any other means. The
 * newest day comes first. A failed load is not tried again for the same answers, because the workflow id of the load
 * names the answers.
 *
 * Loads of days long past are only started, and have the lowest priority, so that an import of a year does not delay
 * this workflow.
 */
export async function reloadChanged(): Promise<ReloadChangedResult> {
  const changed = await loadSteps('recent').planReloads();
  const result: ReloadChangedResult = { days: [], notLoaded: {}, begun: [] };
  await eachOf(changed, DAYS_AT_ONCE, async (each) => {
    const { day, isLongPast } = each;
    try {
      if (isLongPast)
        await startChild(loadDay, { ...childOf(each), parentClosePolicy: ParentClosePolicy.ABANDON });
      else await executeChild(loadDay, childOf(each));
      result[isLongPast ? 'begun' : 'days'].push(day);
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw error;
      if (error instanceof WorkflowExecutionAlreadyStartedError) return;
      if (!(error instanceof ChildWorkflowFailure)) throw error;
      const reason = isCancellation(error) ? 'the load was cancelled' : (rootCause(error) ?? error.message);
      log.warn('a day whose answers changed was not loaded', { day, reason });
      result.notLoaded[day] = reason;
    }
  });
  result.days.sort();
  result.begun.sort();
  setCurrentDetails(describe(result));
  return result;
}

function childOf({ day, workflowId, isLongPast }: ChangedDay) {
  return {
    workflowId,
    // Failed loads are not planned. This policy restarts only loads that were stopped from outside.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    args: [{ day, reason: REASON, isBacklog: isLongPast }] as [LoadDayInput],
  };
}

function describe({ days, notLoaded, begun }: ReloadChangedResult): string {
  const lines = [
    ...(days.length === 0 ? [] : [`${days.length} days were loaded again: ${days.join(', ')}`]),
    ...Object.entries(notLoaded).map(([day, reason]) => `- ${day} was not loaded: ${reason}`),
    ...(begun.length === 0
      ? []
      : [`The loads of ${begun.length} older days were started, and continue in the background.`]),
  ];
  return lines.length === 0 ? 'There are no new answers of published days.' : lines.join('\n');
}
