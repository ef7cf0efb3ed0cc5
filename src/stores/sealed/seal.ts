import pMap from 'p-map';
import type { Day } from '../../domain/day.js';
import { UnreadableObject } from '../rawObject.js';
import { readAhead } from '../readAhead.js';
import type { FeedOutcome } from '../slotRuns.js';
import type { Store } from '../store.js';
import { ANSWERS_AHEAD, type CopiedAnswer, type Copy, CopyReader } from './copies.js';
import { withoutVanishing } from './generations.js';
import { findAll, isSealed, planSealed } from './plan.js';
import type { SealedIndex } from './sealedIndex.js';
import { putSealed } from './sealedObject.js';
import { verifySealed } from './verify.js';

const REMOVALS_AT_ONCE = 16;

/** The result of sealing a feed's day. */
export interface Sealing {
  /** Key of the sealed object that contains the whole day; null when the day has nothing to seal, or on damage. */
  key: string | null;
  /** Numbers of answers and outcomes in that object. */
  answers: number;
  outcomes: number;
  /** Number of removed objects whose content is in that object. */
  removed: number;
  /** Number of unsealed answers that can't be read. They are left as they are. */
  unreadable: number;
  /** What is wrong with a sealed object of the day; null when nothing is. On damage, nothing is removed. */
  damaged: string | null;
}

/**
 * Seal a feed's day: write its unsealed answers, sealed objects and outcomes into one sealed object, read it back,
 * compare it byte for byte, and only then remove the objects that it contains. Idempotent.
 *
 * An object is removed only when a verified object contains all of its content. Therefore concurrent sealers, and a
 * sealer that dies at any point, leave at least one undamaged copy of everything. Holds a few answers in memory at a
 * time.
 *
 * @param runOutcomes the feed's outcomes in the day's slot run records
 */
export async function sealFeedDay(
  store: Store,
  feed: string,
  day: Day,
  runOutcomes: readonly FeedOutcome[],
): Promise<Sealing> {
  try {
    return await withoutVanishing(() => sealOnce(store, feed, day, runOutcomes));
  } catch (error) {
    if (!(error instanceof UnreadableObject)) throw error;
    return { key: null, answers: 0, outcomes: 0, removed: 0, unreadable: 0, damaged: error.message };
  }
}

async function sealOnce(
  store: Store,
  feed: string,
  day: Day,
  runOutcomes: readonly FeedOutcome[],
): Promise<Sealing> {
  const found = await findAll(store, feed, day, runOutcomes);
  if (isSealed(found)) return summarise(found.generations[0] ?? null, 0, 0);
  const plan = await planSealed(store, feed, day, found);
  if (plan === null) return summarise(null, 0, found.singles.length);
  if (!found.generations.some(({ key }) => key === plan.key))
    await putSealed(store, plan.key, plan.index, contents(store, plan.answers));
  await verifySealed(store, plan);
  const held = new Set(plan.answers.map(({ key }) => key));
  const surplus = [
    ...found.generations.map(({ key }) => key).filter((key) => key !== plan.key),
    ...found.singles.map(({ key }) => key).filter((key) => held.has(key)),
  ];
  await pMap(surplus, (key) => store.remove(key), { concurrency: REMOVALS_AT_ONCE });
  return summarise(plan, surplus.length, found.singles.filter(({ key }) => !held.has(key)).length);
}

async function* contents(store: Store, answers: readonly CopiedAnswer[]): AsyncGenerator<Buffer> {
  const reader = new CopyReader(store);
  try {
    yield* readAhead(answers, ANSWERS_AHEAD, ({ key, copies }) => reader.read(key, copies[0] as Copy));
  } finally {
    await reader.close();
  }
}

function summarise(
  generation: { key: string; index: SealedIndex } | null,
  removed: number,
  unreadable: number,
): Sealing {
  const { answers = [], outcomes = [] } = generation?.index ?? {};
  return {
    key: generation?.key ?? null,
    answers: answers.length,
    outcomes: outcomes.length,
    removed,
    unreadable,
    damaged: null,
  };
}
