import type { Day } from '../../../../src/domain/day.js';
import { readRunOutcomes } from '../../../../src/stores/sealed/runOutcomes.js';
import { sealFeedDay as seal, type Sealing } from '../../../../src/stores/sealed/seal.js';
import type { Store } from '../../../../src/stores/store.js';

/** Seal one feed's day, with the outcomes of the slot run records at the beginning. */
export async function sealFeedDay(store: Store, feed: string, day: Day): Promise<Sealing> {
  const runOutcomes = await readRunOutcomes(store, day, [feed]);
  return seal(store, feed, day, runOutcomes.get(feed) ?? []);
}
