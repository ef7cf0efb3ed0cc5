import type { Day } from '../../domain/day.js';
import { type Single, splitAnswer } from '../rawObject.js';
import { readAhead } from '../readAhead.js';
import type { FeedOutcome } from '../slotRuns.js';
import type { Store } from '../store.js';
import {
  ANSWERS_AHEAD,
  type CopiedAnswer,
  CopyReader,
  gatherCopies,
  isUnreadableSingle,
  listDaySingles,
} from './copies.js';
import { type Generation, readGenerations } from './generations.js';
import { encodeOutcome, outcomeId, type SealedAnswer, type SealedIndex } from './sealedIndex.js';
import { sealedKey } from './sealedObject.js';

/** Everything that is stored of a feed and day. */
export interface Found {
  singles: Single[];
  generations: Generation[];
  /** The outcomes of slot runs and generations, without duplicates. */
  outcomes: FeedOutcome[];
}

/** The content of a new generation, and the copies to take it from. */
export interface Plan {
  key: string;
  index: SealedIndex;
  answers: CopiedAnswer[];
}

/** Return whether one sealed object contains everything. */
export function isSealed({ singles, generations, outcomes }: Found): boolean {
  if (singles.length > 0 || generations.length > 1) return false;
  return outcomes.length === (generations[0]?.index.outcomes.length ?? 0);
}

/** Find everything that is stored of a feed and day, including the outcomes of slot runs. */
export async function findAll(
  store: Store,
  feed: string,
  day: Day,
  runOutcomes: readonly FeedOutcome[],
): Promise<Found> {
  const singles = await listDaySingles(store, feed, day);
  const generations = await readGenerations(store, feed, day);
  const outcomes = new Map<string, FeedOutcome>();
  for (const outcome of [...generations.flatMap(({ index }) => index.outcomes), ...runOutcomes]) {
    const known = outcomes.get(outcomeId(outcome));
    // Records of slot runs never change. If two differ nevertheless, every sealer must choose the same one.
    if (!known || encodeOutcome(outcome) < encodeOutcome(known)) outcomes.set(outcomeId(outcome), outcome);
  }
  return { singles, generations, outcomes: [...outcomes.values()] };
}

/** Read all answers once to compute the index of a new generation. Returns null when the day has nothing to seal. */
export async function planSealed(store: Store, feed: string, day: Day, found: Found): Promise<Plan | null> {
  const reader = new CopyReader(store);
  const planned: { answer: SealedAnswer; copied: CopiedAnswer; line: Buffer }[] = [];
  try {
    const gathered = gatherCopies(found.singles, found.generations);
    for await (const best of readAhead(gathered, ANSWERS_AHEAD, (copied) => chooseCopy(reader, copied)))
      if (best) planned.push(best);
  } finally {
    await reader.close();
  }
  const answers = planned.map(({ answer }) => answer);
  if (answers.length + found.outcomes.length === 0) return null;
  const index = { feed, day, answers, outcomes: found.outcomes };
  const key = sealedKey(
    index,
    planned.map(({ line }) => line),
  );
  return { key, index, answers: planned.map(({ copied }) => copied) };
}

/**
 * Return an answer with its readable copies, in the order of their lines of metadata; null when no copy is readable.
 * Two collectors may have different metadata for the same answer. Every sealer takes the line that sorts first.
 */
async function chooseCopy(reader: CopyReader, copied: CopiedAnswer) {
  const readable = [];
  for (const copy of copied.copies) {
    try {
      const { meta, body, line } = divide(copied.key, await reader.read(copied.key, copy));
      readable.push({ copy, line, length: body.length, reason: meta.reason });
    } catch (error) {
      if (!isUnreadableSingle(error, copy)) throw error;
    }
  }
  readable.sort((a, b) => Buffer.compare(a.line, b.line));
  const [first] = readable;
  if (!first) return null;
  const { kind, feed, day, slot, receivedMs, digest, key } = copied;
  const { length, reason, line } = first;
  return {
    answer: { kind, feed, day, slot, receivedMs, digest, key, length, reason },
    copied: { ...copied, copies: readable.map(({ copy }) => copy) },
    line: Buffer.from(line), // a view would keep the body in memory
  };
}

function divide(key: string, content: Buffer) {
  const { meta, body } = splitAnswer(key, content);
  return { meta, body, line: content.subarray(0, content.length - body.length) };
}
