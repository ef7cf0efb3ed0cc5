import pMap from 'p-map';
import type { Day } from '../../domain/day.js';
import { listRawFeeds } from '../raw.js';
import { feedOutcomes, type SlotRun } from '../slotRuns.js';
import type { Store } from '../store.js';
import { readGenerations } from './generations.js';
import { readRunOutcomes, readRuns } from './runOutcomes.js';
import { isFeedDaySealed } from './seal.js';
import { encodeOutcome } from './sealedIndex.js';

/** Sealed objects that are read at once: each may hold its window. */
const READS_AT_ONCE = 4;

/** The feeds of which there is something of a day that is not sealed. */
export async function listUnsealedFeeds(store: Store, day: Day): Promise<string[]> {
  const outcomes = await readRunOutcomes(store, day);
  const [polled, answered] = await Promise.all([
    listRawFeeds(store, 'polls'),
    listRawFeeds(store, 'answers'),
  ]);
  const feeds = [...new Set([...polled, ...answered, ...outcomes.keys()])].sort();
  const unsealed = await pMap(
    feeds,
    async (feed) => !(await isFeedDaySealed(store, feed, day, outcomes.get(feed) ?? [])),
    { concurrency: READS_AT_ONCE },
  );
  return feeds.filter((_, i) => unsealed[i]);
}

/**
 * Removes the records of a day's slot runs that say nothing but what is sealed: of every feed that they name, a sealed
 * object has the very outcome of that run. The records of the day's last slot stay: the store's latest run is found by
 * them, without reading what is sealed.
 *
 * @returns how many were removed
 */
export async function removeSealedRuns(store: Store, day: Day): Promise<number> {
  const runs = await readRuns(store, day);
  const lastSlot = Math.max(...runs.map(({ slot }) => slot));
  const removable = runs.filter(({ slot, run }) => slot < lastSlot && run.outcomes.length > 0);
  const sealed = await readSealedOutcomes(store, day, removable);
  const isSealed = ({ run }: { run: SlotRun }) =>
    feedOutcomes(run).every(({ feed, outcome }) => sealed.get(feed)?.has(encodeOutcome(outcome)));
  const surplus = removable.filter(isSealed);
  await pMap(surplus, ({ key }) => store.remove(key), { concurrency: READS_AT_ONCE });
  return surplus.length;
}

/** By feed, what its sealed objects say. */
async function readSealedOutcomes(
  store: Store,
  day: Day,
  runs: readonly { run: SlotRun }[],
): Promise<Map<string, Set<string>>> {
  const feeds = new Set(runs.flatMap(({ run }) => run.outcomes.map(({ feed }) => feed)));
  const read = async (feed: string): Promise<[string, Set<string>]> => {
    const generations = await readGenerations(store, feed, day);
    return [feed, new Set(generations.flatMap(({ index }) => index.outcomes.map(encodeOutcome)))];
  };
  return new Map(await pMap(feeds, read, { concurrency: READS_AT_ONCE }));
}
