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

export interface ReloadChangedResult {
  /** Days that were loaded again, in order. */
  days: string[];
  /** Days whose load failed, each with the reason. */
  notLoaded: Record<string, string>;
  /** Days long past whose load was begun, in order. It goes on by itself. */
  begun: string[];
}

/** Days under way at once; each is spread over the load queue's slots. */
const DAYS_AT_ONCE = 2;
const REASON = 'raw changed';

/**
 * Loads published days again of which answers came later: from a poller's spool, by an import, or by any other means. The
 * newest day comes first. A load of the same answers that has failed is not tried again: the load's id names the answers.
 *
 * Loads of days long past are only begun, and come behind all others: so an import of a year holds up no run of this.
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
      const reason = isCancellation(error) ? 'it was cancelled' : (rootCause(error) ?? error.message);
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
    // Loads that failed are not planned: what this lets begin again was broken off.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    args: [{ day, reason: REASON, isBacklog: isLongPast }] as [LoadDayInput],
  };
}

function describe({ days, notLoaded, begun }: ReloadChangedResult): string {
  const lines = [
    ...(days.length === 0 ? [] : [`${days.length} days were loaded again: ${days.join(', ')}`]),
    ...Object.entries(notLoaded).map(([day, reason]) => `- ${day} was not loaded: ${reason}`),
    ...(begun.length === 0 ? [] : [`The loads of ${begun.length} days long past were begun.`]),
  ];
  return lines.length === 0 ? 'Nothing came for days that are published.' : lines.join('\n');
}
