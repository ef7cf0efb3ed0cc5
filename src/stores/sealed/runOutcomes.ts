import pMap from 'p-map';
import type { Day } from '../../domain/day.js';
import {
  feedOutcomes,
  type FeedOutcome,
  getReadableSlotRun,
  listSlotRuns,
  type SlotRun,
  type SlotRunKey,
} from '../slotRuns.js';
import { ObjectNotFound, type Store } from '../store.js';

/** Requests to the store under way at once. */
const READS_AT_ONCE = 16;

/** What the records of a day's slot runs say, by feed. What is sealed, and whose records are removed, is not in it. */
export async function readRunOutcomes(store: Store, day: Day): Promise<Map<string, FeedOutcome[]>> {
  const outcomes = new Map<string, FeedOutcome[]>();
  for (const { run } of await readRuns(store, day)) {
    for (const { feed, outcome } of feedOutcomes(run)) {
      const known = outcomes.get(feed);
      if (known) known.push(outcome);
      else outcomes.set(feed, [outcome]);
    }
  }
  return outcomes;
}

/** A day's records that can be read: the others are left as they are, and those that vanish are sealed. */
export async function readRuns(store: Store, day: Day): Promise<(SlotRunKey & { run: SlotRun })[]> {
  const keys: SlotRunKey[] = [];
  for await (const key of listSlotRuns(store, day)) keys.push(key);
  const read = async ({ key, slot }: SlotRunKey) => ({ key, slot, run: await runIfThere(store, key) });
  const runs = await pMap(keys, read, { concurrency: READS_AT_ONCE });
  return runs.flatMap(({ key, slot, run }) => (run ? [{ key, slot, run }] : []));
}

async function runIfThere(store: Store, key: string): Promise<SlotRun | null> {
  try {
    return await getReadableSlotRun(store, key);
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}
