import pMap from 'p-map';
import { CONFIG_PREFIX } from '../stores/configCopies.js';
import { CORRECTIONS_PREFIX, readCorrections } from '../stores/corrections.js';
import { compareBytes } from '../stores/key.js';
import { parseRawKey } from '../stores/rawObject.js';
import { SealedContents } from '../stores/sealed/sealedContents.js';
import { encodeOutcome } from '../stores/sealed/sealedIndex.js';
import { sealedPrefix } from '../stores/sealed/sealedObject.js';
import { SealedReader } from '../stores/sealed/sealedReader.js';
import { feedOutcomes, getReadableSlotRun, parseSlotRunKey } from '../stores/slotRuns.js';
import { ObjectNotFound, type Store, type StoredObject } from '../stores/store.js';

/**
 * Prefixes of everything in a raw store, except `collector.json`, which identifies the one store that contains it.
 * Corrections come first, so that no answer arrives without those that exclude it.
 * Answers that are sealed during the copy move to `sealed/`. This prefix is the last one, so that they are still
 * copied.
 */
const PREFIXES = [
  CORRECTIONS_PREFIX,
  'polls/',
  'answers/',
  'runs/',
  'collection/',
  CONFIG_PREFIX,
  sealedPrefix(),
];

/** Number of objects that are copied concurrently. */
const OBJECTS_AT_ONCE = 16;
/**
 * Largest number of passes over sealed objects, because the other store may be sealing during the whole copy. A pass in
 * which nothing is copied costs one listing.
 */
const MAX_PASSES = 10;

/** Counts of a copy, in objects. */
export interface CopySummary {
  copied: number;
  /** Objects that the store has already, either as they are or as part of a sealed object. */
  alreadyThere: number;
}

interface CopyOptions {
  signal?: AbortSignal;
  onProgress?: (summary: CopySummary) => void;
}

/**
 * Copy every object that `from` has and `to` lacks, so that `to` becomes the union of both raw stores. These are
 * accepted and rejected answers, corrections, slot runs and entries of the collection log; sealed objects are copied as
 * they are. Idempotent: nothing is replaced.
 *
 * Copies of people's own tables (`config`) are copied too. A new warehouse prefers the copies of its own raw store.
 *
 * @throws UnreadableCorrection before anything is copied, when a correction of `from` can't be read: answers that it
 * excludes would count
 * @throws the stores' errors, and the signal's reason when it aborts; a second call continues the copy
 */
export async function copyRawStore(from: Store, to: Store, options: CopyOptions = {}): Promise<CopySummary> {
  const summary: CopySummary = { copied: 0, alreadyThere: 0 };
  const sealed = new SealedContents(to);
  const copyAll = async (prefix: string, isFirstPass: boolean): Promise<boolean> => {
    let isDone = true;
    const count = (outcome: Copied): void => {
      if (outcome === 'there') summary.alreadyThere += isFirstPass ? 1 : 0;
      else isDone = false;
      if (outcome === 'copied') summary.copied++;
      options.onProgress?.(summary);
    };
    await pMap(
      compare(from.list(prefix), to.list(prefix)),
      async ({ key, isThere }) => count(isThere ? 'there' : await copy({ from, to, sealed }, key)),
      { concurrency: OBJECTS_AT_ONCE, ...(options.signal && { signal: options.signal }) },
    );
    return isDone;
  };
  await requireReadable(from);
  for (const prefix of PREFIXES) await copyAll(prefix, true);
  // A sealed object that vanished, or was listed too late, is now part of a newer generation.
  for (let pass = 2; pass <= MAX_PASSES; pass++) if (await copyAll(sealedPrefix(), false)) break;
  return summary;
}

async function requireReadable(from: Store): Promise<void> {
  const corrections = await readCorrections(from);
  for (const feed of corrections.feeds) corrections.of(feed);
}

interface Stores {
  from: Store;
  to: Store;
  /** Contents of the sealed objects in `to`. */
  sealed: SealedContents;
}

type Copied = 'copied' | 'there' | 'vanished';

async function copy(stores: Stores, key: string): Promise<Copied> {
  try {
    if (key.startsWith(sealedPrefix())) return await copySealed(stores, key);
    return (await isSealed(stores, key)) || !(await copyWhole(stores, key)) ? 'there' : 'copied';
  } catch (error) {
    if (error instanceof ObjectNotFound) return 'vanished';
    throw error;
  }
}

async function copyWhole({ from, to }: Stores, key: string): Promise<boolean> {
  return to.putNew(key, await from.get(key));
}

/** Copy a sealed object as a stream, because it may be large. */
async function copySealed({ from, to, sealed }: Stores, key: string): Promise<Copied> {
  if (await sealed.hasAllOf(await SealedReader.index(from, key))) return 'there';
  return (await to.putNewStream(key, await from.getStream(key))) ? 'copied' : 'there';
}

/** Return whether sealed objects in `to` already contain this answer, or all outcomes of this slot run. */
async function isSealed({ from, sealed }: Stores, key: string): Promise<boolean> {
  const answer = parseRawKey(key);
  if (answer !== null) return (await sealed.of(answer.feed, answer.day)).keys.has(key);
  const parsed = parseSlotRunKey(key);
  const run = parsed && (await getReadableSlotRun(from, key));
  if (!run || run.outcomes.length === 0) return false;
  for (const { feed, outcome } of feedOutcomes(run))
    if (!(await sealed.of(feed, parsed.day)).outcomes.has(encodeOutcome(outcome))) return false;
  return true;
}

interface Found {
  key: string;
  isThere: boolean;
}

/**
 * Compare two listings, both in the byte order of their keys. Yields every key of `theirs`, and whether `ours` has it.
 */
async function* compare(
  theirs: AsyncIterable<StoredObject>,
  ours: AsyncIterable<StoredObject>,
): AsyncGenerator<Found> {
  const rest = ours[Symbol.asyncIterator]();
  let next = await rest.next();
  for await (const { key } of theirs) {
    while (next.done !== true && compareBytes(next.value.key, key) < 0) next = await rest.next();
    yield { key, isThere: next.done !== true && next.value.key === key };
  }
}
