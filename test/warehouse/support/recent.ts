import { ApplicationFailure } from '@temporalio/activity';
import type { RecentLoad } from '../../../src/activities/recent.js';
import type { Load } from '../../../src/warehouse/warehouse.js';
import { type LoadBench, newLoad, stepsOf } from './loads.js';

/**
 * Load an addition to a day, or load the day from its beginning if an addition is not possible, as the workflow
 * `loadRecent` does.
 *
 * @returns whether the day was loaded as it was planned
 */
export async function addOrReplace(bench: LoadBench, planned: RecentLoad): Promise<boolean> {
  const { day, dayStart, window } = planned;
  try {
    await runSteps(bench, { ...newLoad(day), ...planned });
    return true;
  } catch (error) {
    if (!(error instanceof ApplicationFailure && error.type === 'NotAddable')) throw error;
    await runSteps(bench, { ...newLoad(day), window: { from: dayStart, to: window.to } });
    return false;
  }
}

async function runSteps(bench: LoadBench, load: Load): Promise<void> {
  for (const step of stepsOf(bench, load)) await step.run();
}
