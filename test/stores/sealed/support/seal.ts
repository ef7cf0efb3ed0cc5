import type { Day } from '../../../../src/domain/day.js';
import { readRunOutcomes } from '../../../../src/stores/sealed/runOutcomes.js';
import { sealFeedDay as seal, type Sealing } from '../../../../src/stores/sealed/seal.js';
import type { Store } from '../../../../src/stores/store.js';

/** Seals one feed's day as a step of the sealing does: with what the records of slot runs say at its begin. */
export async function sealFeedDay(store: Store, feed: string, day: Day): Promise<Sealing> {
  const runOutcomes = await readRunOutcomes(store, day, [feed]);
  return seal(store, feed, day, runOutcomes.get(feed) ?? []);
}
