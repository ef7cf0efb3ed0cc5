import { createHash } from 'node:crypto';
import pMap from 'p-map';
import type { Day } from '../../domain/day.js';
import { listRawFeeds } from '../raw.js';
import { feedOutcomes, type FeedOutcome } from '../slotRuns.js';
import type { Store } from '../store.js';
import { listDaySingles } from './copies.js';
import { readGenerations } from './generations.js';
import { readRuns } from './runOutcomes.js';
import { encodeOutcome, outcomeId } from './sealedIndex.js';

/** Feeds whose sealed objects are read at once: each may hold its window. */
const FEEDS_AT_ONCE = 4;

/** The feeds of which there is something of a day that is not sealed. */
export async function listUnsealedFeeds(store: Store, day: Day): Promise<string[]> {
  const runsOf = await listRunsByFeed(store, day);
  const [polled, answered] = await Promise.all([
    listRawFeeds(store, 'accepted'),
    listRawFeeds(store, 'rejected'),
  ]);
  const feeds = [...new Set([...polled, ...answered, ...runsOf.keys()])].sort();
  const unsealed = await pMap(
    feeds,
    async (feed) => !(await isFeedDaySealed(store, feed, day, runsOf.get(feed) ?? [])),
    { concurrency: FEEDS_AT_ONCE },
  );
  return feeds.filter((_, i) => unsealed[i]);
}

/** The runs of a day that have a record, by the feeds that they name: each run is one object, however many those are. */
async function listRunsByFeed(store: Store, day: Day): Promise<Map<string, RunId[]>> {
  const runsOf = new Map<string, RunId[]>();
  for await (const { run } of readRuns(store, day)) {
    const id = { slot: run.slot, run_id: run.run_id };
    for (const { feed } of run.outcomes) {
      const runs = runsOf.get(feed);
      if (runs) runs.push(id);
      else runsOf.set(feed, [id]);
    }
  }
  return runsOf;
}

type RunId = Pick<FeedOutcome, 'slot' | 'run_id'>;

/**
 * Whether all that there is of a feed's day is in one sealed object.
 * @param runs those whose records name the feed
 */
async function isFeedDaySealed(
  store: Store,
  feed: string,
  day: Day,
  runs: readonly RunId[],
): Promise<boolean> {
  if ((await listDaySingles(store, feed, day)).length > 0) return false;
  const generations = await readGenerations(store, feed, day);
  if (generations.length > 1) return false;
  const sealed = new Set(generations.flatMap(({ index }) => index.outcomes.map(outcomeId)));
  return runs.every((run) => sealed.has(outcomeId(run)));
}

/**
 * Removes the records of a day's slot runs that say nothing but what is sealed: of every feed that they name, a sealed
 * object has the very outcome of that run. The records of the day's last slot stay: the store's latest run is found by
 * them, without reading what is sealed.
 *
 * @returns how many were removed
 */
export async function removeSealedRuns(store: Store, day: Day): Promise<number> {
  const feeds = new Set<string>();
  let lastSlot = -Infinity;
  for await (const { slot, run } of readRuns(store, day)) {
    lastSlot = Math.max(lastSlot, slot);
    for (const { feed } of run.outcomes) feeds.add(feed);
  }
  const sealed = await digestSealedOutcomes(store, day, feeds);
  let removed = 0;
  for await (const { key, slot, run } of readRuns(store, day)) {
    if (slot >= lastSlot || run.outcomes.length === 0) continue;
    if (!feedOutcomes(run).every(({ feed, outcome }) => sealed.has(digest(feed, outcome)))) continue;
    await store.remove(key);
    removed++;
  }
  return removed;
}

/** What the sealed objects of feeds say, as digests: a day of very many feeds does not fit into memory. */
async function digestSealedOutcomes(
  store: Store,
  day: Day,
  feeds: ReadonlySet<string>,
): Promise<Set<string>> {
  const digests = new Set<string>();
  const add = async (feed: string) => {
    for (const { index } of await readGenerations(store, feed, day))
      for (const outcome of index.outcomes) digests.add(digest(feed, outcome));
  };
  await pMap(feeds, add, { concurrency: FEEDS_AT_ONCE });
  return digests;
}

function digest(feed: string, outcome: FeedOutcome): string {
  return createHash('sha256')
    .update(`${feed} ${encodeOutcome(outcome)}`)
    .digest('base64');
}
