import type { Day } from '../../domain/day.js';
import { readAhead } from '../readAhead.js';
import {
  feedOutcomes,
  type FeedOutcome,
  getReadableSlotRun,
  listSlotRuns,
  type SlotRun,
  type SlotRunKey,
} from '../slotRuns.js';
import { ObjectNotFound, type Store } from '../store.js';

/** Records that are read ahead while the caller processes one. Each record names all feeds. */
const RUNS_AHEAD = 4;

/**
 * Return the outcomes of some feeds in a day's slot run records, by feed. Outcomes whose records were removed after
 * sealing are not included. The function reads every record of the day; therefore pass many feeds at once.
 */
export async function readRunOutcomes(
  store: Store,
  day: Day,
  feeds: readonly string[],
): Promise<Map<string, FeedOutcome[]>> {
  const outcomes = new Map(feeds.map((feed): [string, FeedOutcome[]] => [feed, []]));
  for await (const { run } of readRuns(store, day))
    for (const { feed, outcome } of feedOutcomes(run)) outcomes.get(feed)?.push(outcome);
  return outcomes;
}

/**
 * Yield the readable slot run records of a day, one at a time, because those of very many feeds do not fit into memory.
 * Skips invalid records, and records that are removed meanwhile because they are sealed.
 */
export async function* readRuns(store: Store, day: Day): AsyncGenerator<SlotRunKey & { run: SlotRun }> {
  const keys: SlotRunKey[] = [];
  for await (const key of listSlotRuns(store, day)) keys.push(key);
  const read = async ({ key, slot }: SlotRunKey) => ({ key, slot, run: await runIfThere(store, key) });
  for await (const { key, slot, run } of readAhead(keys, RUNS_AHEAD, read)) if (run) yield { key, slot, run };
}

async function runIfThere(store: Store, key: string): Promise<SlotRun | null> {
  try {
    return await getReadableSlotRun(store, key);
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}
