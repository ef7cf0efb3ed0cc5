import type { Day } from '../../domain/day.js';
import { UnreadableObject } from '../rawObject.js';
import { ObjectNotFound, type Store } from '../store.js';
import type { SealedIndex } from './sealedIndex.js';
import { parseSealedKey, sealedPrefix } from './sealedObject.js';
import { SealedReader } from './sealedReader.js';

/**
 * Tries of a listing. A generation disappears once per newer generation; more failures mean that another program
 * removes objects.
 */
const MAX_TRIES = 10;

/** A sealed object of a feed and day. There is normally one. There are two while a newer generation replaces it. */
export interface Generation {
  key: string;
  index: SealedIndex;
}

/** List the keys of a feed's sealed objects of a day, with one listing. */
export async function listSealedKeys(store: Store, feed: string, day: Day): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(sealedPrefix(feed, day))) if (parseSealedKey(key)) keys.push(key);
  return keys;
}

/** List the feeds that have sealed days. */
export function listSealedFeeds(store: Store): Promise<string[]> {
  return store.listFolders(sealedPrefix());
}

/** List the sealed days of a feed. */
export function listSealedDays(store: Store, feed: string): Promise<Day[]> {
  return store.listFolders(sealedPrefix(feed));
}

/** What to do about sealed objects whose index can't be read. */
export interface DamageOptions {
  /** Whether to leave such objects out. Default: no, which throws {@link UnreadableObject}. */
  skipsDamaged?: boolean;
}

/**
 * Read the indexes of all sealed objects of a feed and day. Together they contain everything that was ever sealed. List
 * unsealed answers before calling this function: an answer that is sealed in between is then found here.
 *
 * @throws UnreadableObject when an index is damaged, unless `skipsDamaged`
 */
export async function readGenerations(
  store: Store,
  feed: string,
  day: Day,
  options: DamageOptions = {},
): Promise<Generation[]> {
  return (await readReadable(store, feed, day, options)).generations;
}

/** Read indexes like {@link readGenerations}. Also returns the number of objects that were left out. */
export async function readReadable(
  store: Store,
  feed: string,
  day: Day,
  { skipsDamaged = false }: DamageOptions,
): Promise<{ generations: Generation[]; skipped: number }> {
  return withoutVanishing(async () => {
    const keys = await settledKeys(store, feed, day);
    const read = async (key: string): Promise<Generation[]> => {
      try {
        return [{ key, index: await SealedReader.index(store, key) }];
      } catch (error) {
        if (skipsDamaged && error instanceof UnreadableObject) return [];
        throw error;
      }
    };
    const generations = (await Promise.all(keys.map(read))).flat();
    return { generations, skipped: keys.length - generations.length };
  });
}

/**
 * Do work that lists objects and then reads them. When a listed object has disappeared, repeat the work from the
 * listing: its content is in a newer sealed object by then.
 *
 * @throws Error when objects disappear in every try
 */
export async function withoutVanishing<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
      if (attempt < MAX_TRIES) continue;
      throw new Error(
        `${error.message}, although it was listed (${MAX_TRIES} tries). ` +
          `Stop any other program that removes objects of this store.`,
        { cause: error },
      );
    }
  }
}

/**
 * List the sealed keys until two listings are equal. A single listing may miss both a generation that is removed
 * meanwhile and its replacement. The replacement is written before the removal; therefore a second listing contains it.
 */
async function settledKeys(store: Store, feed: string, day: Day): Promise<string[]> {
  let keys = await listSealedKeys(store, feed, day);
  for (let attempt = 1; attempt < MAX_TRIES; attempt++) {
    const again = await listSealedKeys(store, feed, day);
    if (again.join() === keys.join()) break;
    keys = again;
  }
  return keys;
}
