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

/** Records that are read ahead of the one that is worked on. Each names all feeds. */
const RUNS_AHEAD = 4;

/**
 * What the records of a day's slot runs say of some feeds, by feed. What is sealed, and whose records are removed, is not in
 * it. Every record is read, whatever it names: so ask for many feeds at once.
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
 * A day's records that can be read, one after another, since a day of very many feeds does not fit into memory: the others
 * are left as they are, and those that vanish are sealed.
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
