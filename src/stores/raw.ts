import type { ExcludedSlots } from '../domain/corrections.js';
import type { Day } from '../domain/day.js';
import { formatSlot, type Slot } from '../domain/slot.js';
import {
  getSingle,
  isPartial,
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
  type DamageOptions,
  type Generation,
  listSealedDays,
  listSealedFeeds,
  readGenerations,
  withoutVanishing,
} from './sealed/generations.js';
import { SealedReader } from './sealed/sealedReader.js';
import { ObjectNotFound, type Store } from './store.js';

/**
 * The raw store: every answer as the server sent it, with metadata of the request.
 *
 * An unsealed answer is an object of its own (see {@link file://./rawObject.ts}). Sealing a day moves all answers of
 * a feed and day into one sealed object (see {@link file://./sealed/sealedObject.ts}). The key of an answer stays the
 * same. The functions of this file read unsealed and sealed answers together, and return each answer once.
 */
export {
  documentsOf,
  type RawDocument,
  type RawKind,
  type RawMeta,
  type RawOrigin,
  UnreadableObject,
} from './rawObject.js';

/** An answer, as far as its key describes it. */
export interface RawObject {
  key: string;
  feed: string;
  slot: Slot;
  receivedMs: number;
  /** Size in bytes. Unsealed: of the stored object. Sealed: of the body. */
  size: number;
}

/** An answer with its storage location: a position in a sealed object, or null for an object of its own. */
export interface StoredAnswer extends RawObject {
  sealed: { generation: Generation; position: number } | null;
}

/** Return whether documents are missing in the answer with this key. */
export function isPartialKey(key: string): boolean {
  const identity = parseRawKey(key);
  return identity !== null && isPartial(identity);
}

/** Order the answers of one slot as they are tried: those with all their documents first, else in the given order. */
export function wholeFirst<T extends { key: string }>(answers: readonly T[]): T[] {
  return answers.toSorted((a, b) => Number(isPartialKey(a.key)) - Number(isPartialKey(b.key)));
}

/** Store a body under the key that its content determines, and return the key. Idempotent. */
export async function putRaw(store: Store, kind: RawKind, origin: RawOrigin, body: Buffer): Promise<string> {
  return (await putNewRaw(store, kind, origin, body)).key;
}

/**
 * Read an answer and decompress it on the calling thread. A sealed answer takes some hundredths of a second; to read
 * a whole day, use {@link file://./rawDay.ts}.
 *
 * @throws UnreadableObject when the stored answer is damaged
 * @throws ObjectNotFound when no answer has this key
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

/** Return a sealed answer; null when no sealed object has the key. */
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

/** List the answers of a feed and day, ordered by slot and time of receipt. Ignores keys of any other form. */
export async function* listRaw(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
): AsyncGenerator<RawObject> {
  yield* await listStored(store, kind, feed, day);
}

/**
 * List the same answers as {@link listRaw}, with the storage location of each answer. For an answer that is stored
 * both sealed and unsealed, return a sealed location.
 *
 * @throws UnreadableObject when the index of a sealed object is damaged, unless `skipsDamaged`
 */
export async function listStored(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
  damage: DamageOptions = {},
): Promise<StoredAnswer[]> {
  const singles = await collect(listSingles(store, `${RAW_FOLDERS[kind]}/${feed}/${day}/`));
  return storedOf(store, feed, day, singles, isOf(kind), damage);
}

/**
 * List the accepted answers of a feed and day for a load. When corrections exclude the whole day, no answer is read.
 * Therefore damaged sealed objects of such a day are left out of the list.
 *
 * @throws UnreadableObject when the index of a sealed object is damaged and the day is not excluded as a whole
 */
export function listAccepted(
  store: Store,
  feed: string,
  day: Day,
  { isWholeDay }: ExcludedSlots,
): Promise<StoredAnswer[]> {
  return listStored(store, 'accepted', feed, day, { skipsDamaged: isWholeDay });
}

/** List the answers of a feed and slot, ordered by time of receipt. */
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

/**
 * List unsealed answers only: enough for a day that is not over, because only past days are sealed. Takes a third of
 * the requests of {@link listRawSlot}.
 */
export async function listUnsealedSlot(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
  slot: Slot,
): Promise<RawObject[]> {
  return collect(listSingles(store, `${RAW_FOLDERS[kind]}/${feed}/${day}/${formatSlot(slot)}/`));
}

/** Return the first answer of a feed, kind and day; null when there is none. */
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

/** Merge the listed unsealed answers with the sealed answers of the day, ordered by key. */
async function storedOf(
  store: Store,
  feed: string,
  day: Day,
  singles: readonly RawObject[],
  isWanted: (answer: RawIdentity) => boolean,
  damage: DamageOptions = {},
): Promise<StoredAnswer[]> {
  const stored = new Map<string, StoredAnswer>();
  for (const { key, slot, receivedMs, size } of singles)
    stored.set(key, { key, feed, slot, receivedMs, size, sealed: null });
  for (const generation of await readGenerations(store, feed, day, damage)) {
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

/**
 * List the names of all feeds that may have answers of a kind. A feed whose days are all sealed is always in the
 * list, because only the sealed objects tell whether it has answers of that kind.
 */
export async function listRawFeeds(store: Store, kind: RawKind): Promise<string[]> {
  const singles = await store.listFolders(`${RAW_FOLDERS[kind]}/`);
  return [...new Set([...singles, ...(await listSealedFeeds(store))])].sort();
}

/**
 * List the days on which a feed may have answers of a kind, in order. Every sealed day is in the list, because only
 * the sealed object tells whether the day has answers of that kind.
 */
export async function listRawDays(store: Store, kind: RawKind, feed: string): Promise<Day[]> {
  const singles = await store.listFolders(`${RAW_FOLDERS[kind]}/${feed}/`);
  return [...new Set([...singles, ...(await listSealedDays(store, feed))])].sort();
}
