import { z } from 'zod';
import type { Day } from '../../domain/day.js';
import { formatInstant, parseInstant } from '../../domain/instant.js';
import { formatSlot, isSlot, parseSlot } from '../../domain/slot.js';
import { kindOfFolder, RAW_FOLDERS, RAW_KINDS, type RawIdentity, rawKey } from '../rawObject.js';
import { type FeedOutcome, feedOutcomeSchema } from '../slotRuns.js';

/**
 * The index of a sealed object, which is its first file. It has all facts about the answers except their bodies, and
 * the feed's outcomes in the day's slot runs. Each answer and outcome is one line of JSON.
 */
const answerSchema = z.object({
  kind: z.enum(Object.values(RAW_FOLDERS)).transform(kindOfFolder),
  slot: z.string().refine(isSlot),
  /** In the form of keys: 20220111T205824000Z. */
  received: z.string(),
  /** The digest in the key: the first 16 hexadecimal digits of the body's SHA-256, and `p` for a partial answer. */
  sha256: z.string().regex(/^[0-9a-f]{16}p?$/),
  /** Length of the body, in bytes. */
  length: z.number(),
  /** Why the answer was rejected; null for an accepted answer. */
  reason: z.string().nullable(),
});

const indexSchema = z.object({
  version: z.literal(1),
  feed: z.string(),
  day: z.string(),
  answers: z.array(answerSchema),
  outcomes: z.array(feedOutcomeSchema),
});

/** An answer in the index of a sealed object. */
export interface SealedAnswer extends RawIdentity {
  key: string;
  /** Length of the body, in bytes. */
  length: number;
  reason: string | null;
}

export interface SealedIndex {
  feed: string;
  day: Day;
  /** Ordered by {@link compareAnswers}, like the files after the index. */
  answers: SealedAnswer[];
  outcomes: FeedOutcome[];
}

/** Compare two answers: accepted before rejected, then by slot and time of receipt. */
export function compareAnswers(a: RawIdentity & { key: string }, b: RawIdentity & { key: string }): number {
  return RAW_KINDS.indexOf(a.kind) - RAW_KINDS.indexOf(b.kind) || compareTexts(a.key, b.key);
}

/** Return an id of an outcome that is unique within its feed and day, and sorts by slot. */
export function outcomeId({ slot, run_id }: Pick<FeedOutcome, 'slot' | 'run_id'>): string {
  return `${slot} ${run_id}`;
}

/** Encode an outcome for the index. Equal outcomes have equal encodings. */
export function encodeOutcome(outcome: FeedOutcome): string {
  const { slot, run_id, workflow_id, recorded_at, reason, key, attempts } = outcome;
  return JSON.stringify({
    slot,
    run_id,
    workflow_id,
    recorded_at,
    outcome: outcome.outcome,
    reason,
    key,
    attempts,
  });
}

/** Encode an index. The same answers and outcomes always yield the same bytes. */
export function encodeIndex({ feed, day, answers, outcomes }: SealedIndex): Buffer {
  const answerLines = answers.toSorted(compareAnswers).map(encodeAnswer);
  const outcomeLines = outcomes
    .toSorted((a, b) => compareTexts(outcomeId(a), outcomeId(b)))
    .map(encodeOutcome);
  const head = JSON.stringify({ version: 1, feed, day }).slice(0, -1);
  return Buffer.from(
    `${head},"answers":[\n${answerLines.join(',\n')}\n],"outcomes":[\n${outcomeLines.join(',\n')}\n]}\n`,
  );
}

/**
 * Decode an index of {@link encodeIndex}.
 *
 * @throws Error when the bytes are anything else
 */
export function decodeIndex(bytes: Buffer): SealedIndex {
  const { feed, day, answers, outcomes } = indexSchema.parse(JSON.parse(bytes.toString()));
  const read = answers.map(({ kind, slot, received, sha256, length, reason }) => {
    const times = { slot: parseSlot(slot), receivedMs: parseInstant(received) };
    const identity = { kind, feed, day, ...times, digest: sha256 };
    return { ...identity, key: rawKey(identity), length, reason };
  });
  return { feed, day, answers: read, outcomes };
}

function encodeAnswer({ kind, slot, receivedMs, digest, length, reason }: SealedAnswer): string {
  const times = { slot: formatSlot(slot), received: formatInstant(receivedMs) };
  return JSON.stringify({ kind: RAW_FOLDERS[kind], ...times, sha256: digest, length, reason });
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
