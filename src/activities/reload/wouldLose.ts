import { log } from '@temporalio/activity';
import type { Day } from '../../domain/day.js';
import { damageOf } from '../../stores/sealed/damage.js';
import { lostFeeds, type LostDeps } from '../lost.js';

/**
 * Return whether loading a published day again because of corrections would lose facts for good: answers that the day
 * was built from are gone from raw, or are in a damaged sealed object of a corrected feed. Such a day stays as it was
 * published until a person loads it. The log says why.
 *
 * @param corrected the feeds that have corrections on the day
 */
export async function wouldLose(deps: LostDeps, day: Day, corrected: readonly string[]): Promise<boolean> {
  if (corrected.length === 0) return false;
  const damaged: string[] = [];
  for (const feed of corrected) {
    const { keys } = await deps.warehouse.publishedAnswers(day, feed);
    if (keys.length > 0) damaged.push(...(await damageOf(deps.raw, feed, day)));
  }
  const lost = damaged.length > 0 ? [] : await lostFeeds(deps, day);
  if (damaged.length + lost.length === 0) return false;
  log.warn(
    `${day} is not loaded again for the corrections of ${corrected.join(', ')}: the warehouse has facts of it that ` +
      'the raw store could not give back. "ladepuls load" loads the day nevertheless.',
    { damaged, lost },
  );
  return true;
}
