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

/** Feeds whose sealed objects are read concurrently. Each may hold its decompression window in memory. */
const FEEDS_AT_ONCE = 4;

/** List the feeds that have unsealed answers or outcomes on a day, or several sealed objects. */
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

/** Return the slot runs of a day that have a record, by feed. Runs are shared between feeds to save memory. */
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
 * Return whether one sealed object contains everything of a feed and day.
 *
 * @param runs the slot runs whose records name the feed
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
 * Remove slot run records of a day that are completely sealed: for every feed in the record, a sealed object contains
 * exactly the outcome of that run. Records of the day's last slot stay, so that the store's latest run can be found
 * without reading sealed objects.
 *
 * @returns the number of removed records
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

/**
 * Return digests of all outcomes in the feeds' sealed objects. The outcomes of very many feeds do not fit into memory.
 */
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
