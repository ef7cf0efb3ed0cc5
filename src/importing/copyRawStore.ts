import pMap from 'p-map';
import { CONFIG_PREFIX } from '../stores/configCopies.js';
import { compareBytes } from '../stores/key.js';
import { parseRawKey } from '../stores/rawObject.js';
import { SealedContents } from '../stores/sealed/sealedContents.js';
import { encodeOutcome } from '../stores/sealed/sealedIndex.js';
import { sealedPrefix } from '../stores/sealed/sealedObject.js';
import { SealedReader } from '../stores/sealed/sealedReader.js';
import { feedOutcomes, getReadableSlotRun, parseSlotRunKey } from '../stores/slotRuns.js';
import { ObjectNotFound, type Store, type StoredObject } from '../stores/store.js';

/**
 * All that a raw store holds but `collector.json`, which names the one store that it stands in. What is sealed while it is
 * copied moves to the end of this list: so it is copied there.
 */
const PREFIXES = ['polls/', 'answers/', 'runs/', 'collection/', CONFIG_PREFIX, sealedPrefix()];

/** Objects that are copied at once. */
const OBJECTS_AT_ONCE = 16;
/** The other store may be sealing all the while; each pass is as good as one more listing. */
const MAX_PASSES = 10;

/** What copying did, in objects. */
export interface CopySummary {
  copied: number;
  /** As such, or sealed. */
  alreadyThere: number;
}

interface CopyOptions {
  signal?: AbortSignal;
  onProgress?: (summary: CopySummary) => void;
}

/**
 * Makes a raw store the union of itself and another one: every poll, wrong answer, slot run and log entry of the other
 * that is not there yet is copied, and what is sealed is copied so. Nothing is replaced, so copying again changes nothing.
 * Copies of people's own tables come along too: a new warehouse takes those of its own raw store before others'.
 * @throws what the stores throw, and the signal's reason when it aborts; copying again goes on from there
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
  for (const prefix of PREFIXES) await copyAll(prefix, true);
  // A generation that vanished, or was listed too late, has gone into a newer one.
  for (let pass = 2; pass <= MAX_PASSES; pass++) if (await copyAll(sealedPrefix(), false)) break;
  return summary;
}

interface Stores {
  from: Store;
  to: Store;
  /** What is sealed in `to`. */
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

/** Sealed objects may be large. */
async function copySealed({ from, to, sealed }: Stores, key: string): Promise<Copied> {
  if (await sealed.hasAllOf(await SealedReader.index(from, key))) return 'there';
  return (await to.putNewStream(key, await from.getStream(key))) ? 'copied' : 'there';
}

/** Whether the other store's answer or slot run is part of what is sealed in ours. */
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

/** Goes along two listings side by side, both in the byte order of their keys: says of each of theirs whether it is in ours. */
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
