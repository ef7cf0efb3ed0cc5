import type { Day } from '../domain/day.js';
import { formatSlot, type Slot } from '../domain/slot.js';
import {
  getSingle,
  listSingles,
  parseRawKey,
  putNewRaw,
  RAW_FOLDERS,
  type RawAnswer,
  type RawIdentity,
  type RawKind,
  type RawOrigin,
  type Single,
  splitAnswer,
  UnreadableObject,
} from './rawObject.js';
import {
  type Generation,
  listSealedDays,
  listSealedFeeds,
  readGenerations,
  withoutVanishing,
} from './sealed/generations.js';
import { SealedReader } from './sealed/sealedReader.js';
import { ObjectNotFound, type Store } from './store.js';

/**
 * The raw store: every answer as the server sent it, with what is known of the request.
 *
 * An answer is an object of its own (see {@link file://./rawObject.ts}) until its day is sealed, and then part of the one
 * object of its feed and day (see {@link file://./sealed/sealedObject.ts}). Its key stays the same. What is read here is
 * the union of both, each answer once.
 */
export { type RawKind, type RawMeta, type RawOrigin, UnreadableObject } from './rawObject.js';

/** An answer as its key tells of it. */
export interface RawObject {
  key: string;
  feed: string;
  slot: Slot;
  receivedMs: number;
  /** Bytes: as stored of an object of its own, of the body where it is sealed. */
  size: number;
}

/** An answer, and where it is: at a place of a sealed object, or, as null says, an object of its own. */
export interface StoredAnswer extends RawObject {
  sealed: { generation: Generation; position: number } | null;
}

/** Stores a body under the key that its content gives. Storing it again changes nothing. */
export async function putRaw(store: Store, kind: RawKind, origin: RawOrigin, body: Buffer): Promise<string> {
  return (await putNewRaw(store, kind, origin, body)).key;
}

/**
 * Reads an answer and decompresses it on the calling thread. One that is sealed takes some hundredths of a second: who
 * reads a day uses {@link file://./rawDay.ts}. Throws {@link UnreadableObject}, and ObjectNotFound where there is none.
 */
export async function getRaw(store: Store, key: string): Promise<RawAnswer> {
  try {
    return splitAnswer(key, await getSingle(store, key));
  } catch (error) {
    if (!(error instanceof ObjectNotFound || error instanceof UnreadableObject)) throw error;
    const sealed = await getSealed(store, key);
    if (sealed === null) throw error;
    return sealed;
  }
}

/** Reads an answer that is sealed; null where it is not. */
async function getSealed(store: Store, key: string): Promise<RawAnswer | null> {
  const identity = parseRawKey(key);
  if (identity === null) return null;
  return withoutVanishing(async () => {
    for (const generation of await readGenerations(store, identity.feed, identity.day)) {
      const position = generation.index.answers.findIndex((answer) => answer.key === key);
      if (position < 0) continue;
      const reader = await SealedReader.open(store, generation.key);
      try {
        return await reader.answer(position);
      } finally {
        reader.close();
      }
    }
    return null;
  });
}

/** A feed's answers of a day, in the order of slot and receipt. Keys that are not ours are passed over. */
export async function* listRaw(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
): AsyncGenerator<RawObject> {
  yield* await listStored(store, kind, feed, day);
}

/** {@link listRaw}, with where each answer is. Where it is in several places, the sealed ones come first. */
export async function listStored(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
): Promise<StoredAnswer[]> {
  return storedOf(
    store,
    feed,
    day,
    await collect(listSingles(store, `${RAW_FOLDERS[kind]}/${feed}/${day}/`)),
    isOf(kind),
  );
}

/** A feed's answers of a slot, in the order of receipt. */
export async function listRawSlot(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
  slot: Slot,
): Promise<RawObject[]> {
  const singles = await listUnsealedSlot(store, kind, feed, day, slot);
  return storedOf(store, feed, day, singles, (answer) => answer.kind === kind && answer.slot === slot);
}

/** {@link listRawSlot} for a day that is not over, of which nothing is sealed: with a third of the requests. */
export async function listUnsealedSlot(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
  slot: Slot,
): Promise<RawObject[]> {
  return collect(listSingles(store, `${RAW_FOLDERS[kind]}/${feed}/${day}/${formatSlot(slot)}/`));
}

/** A feed's first answer of that kind and day; null where it has none. */
export async function firstRaw(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
): Promise<RawObject | null> {
  const singles: Single[] = [];
  for await (const single of listSingles(store, `${RAW_FOLDERS[kind]}/${feed}/${day}/`)) {
    singles.push(single);
    break;
  }
  return (await storedOf(store, feed, day, singles, isOf(kind)))[0] ?? null;
}

/** The union of what was listed as single answers and of what is sealed of the day, in the order of their keys. */
async function storedOf(
  store: Store,
  feed: string,
  day: Day,
  singles: readonly RawObject[],
  isWanted: (answer: RawIdentity) => boolean,
): Promise<StoredAnswer[]> {
  const stored = new Map<string, StoredAnswer>();
  for (const { key, slot, receivedMs, size } of singles)
    stored.set(key, { key, feed, slot, receivedMs, size, sealed: null });
  for (const generation of await readGenerations(store, feed, day)) {
    for (const [position, answer] of generation.index.answers.entries()) {
      const { key, slot, receivedMs, length } = answer;
      if (isWanted(answer))
        stored.set(key, { key, feed, slot, receivedMs, size: length, sealed: { generation, position } });
    }
  }
  return [...stored.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function isOf(kind: RawKind): (answer: RawIdentity) => boolean {
  return (answer) => answer.kind === kind;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The names of all feeds that may have answers of that kind: a feed whose days are all sealed may have none. */
export async function listRawFeeds(store: Store, kind: RawKind): Promise<string[]> {
  const singles = await store.listFolders(`${RAW_FOLDERS[kind]}/`);
  return [...new Set([...singles, ...(await listSealedFeeds(store))])].sort();
}

/** The days on which a feed may have answers of that kind, in order: one that is sealed may have none. */
export async function listRawDays(store: Store, kind: RawKind, feed: string): Promise<Day[]> {
  const singles = await store.listFolders(`${RAW_FOLDERS[kind]}/${feed}/`);
  return [...new Set([...singles, ...(await listSealedDays(store, feed))])].sort();
}
