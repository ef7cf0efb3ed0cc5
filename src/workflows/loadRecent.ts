import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { RecentLoad } from '../activities/recent.js';
import { describeLoad, isFailedAs, type LoadDayResult, loadOnce, MAX_ROUNDS } from './loadOnce.js';
import { loadSteps } from './loadSteps.js';
import { SEARCH_ATTRIBUTES } from '../temporal/names.js';

const REASON = 'during the day';

/**
 * Load the slots that were polled since the last publication, so that readers need not wait for the nightly load. Only
 * slots that are over are added, and no slot is added twice. The nightly load replaces the day from raw, with the same
 * rows.
 */
export async function loadRecent(): Promise<LoadDayResult[]> {
  const results: LoadDayResult[] = [];
  for (let round = 1; ; round++) {
    const loads = await loadSteps('recent').planRecent();
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.day, value: loads.at(-1)?.day ?? null }]);
    try {
      for (const load of loads) results.push(await addOrReplace(load, `${workflowInfo().runId}-${round}`));
      setCurrentDetails(
        results.map(describeLoad).join('\n\n') || 'Nothing was polled since the last publication.',
      );
      return results;
    } catch (error) {
      if (round === MAX_ROUNDS || !isFailedAs('LoadOutdated', error)) throw error;
    }
  }
}

/** Add a window to its day. When the day can't be added to, load the day from its beginning. */
async function addOrReplace(planned: RecentLoad, run: string): Promise<LoadDayResult> {
  const { dayStart, window, addsTo, day } = planned;
  const load = { day, isRebuild: false, withoutFacts: false };
  try {
    return await loadOnce(
      'recent',
      { ...load, run, window, ...(addsTo !== undefined && { addsTo }) },
      REASON,
    );
  } catch (error) {
    if (!isFailedAs('NotAddable', error)) throw error;
  }
  const whole = { from: dayStart, to: window.to };
  return loadOnce('recent', { ...load, run: `${run}-whole`, window: whole }, REASON);
}
