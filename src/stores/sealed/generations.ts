import type { Day } from '../../domain/day.js';
import { ObjectNotFound, type Store } from '../store.js';
import type { SealedIndex } from './sealedIndex.js';
import { parseSealedKey, sealedPrefix } from './sealedObject.js';
import { SealedReader } from './sealedReader.js';

/** A generation goes at most once for each newer one; more often than this something else removes them. */
const MAX_TRIES = 10;

/** A sealed object of a feed's day. There is one, but for the moments before a newer one has replaced it. */
export interface Generation {
  key: string;
  index: SealedIndex;
}

/** The keys of a feed's sealed objects of a day, as one listing shows them. */
async function listSealedKeys(store: Store, feed: string, day: Day): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(sealedPrefix(feed, day))) if (parseSealedKey(key)) keys.push(key);
  return keys;
}

/** The feeds that have sealed days. */
export function listSealedFeeds(store: Store): Promise<string[]> {
  return store.listFolders(sealedPrefix());
}

/** The days of a feed that are sealed. */
export function listSealedDays(store: Store, feed: string): Promise<Day[]> {
  return store.listFolders(sealedPrefix(feed));
}

/**
 * A feed's sealed objects of a day with their indexes, which together are whole: nothing that was ever sealed is missing.
 * Whoever looks for answers lists the single ones first: what vanishes from there meanwhile is here.
 */
export async function readGenerations(store: Store, feed: string, day: Day): Promise<Generation[]> {
  return withoutVanishing(async () => {
    const keys = await settledKeys(store, feed, day);
    return Promise.all(keys.map(async (key) => ({ key, index: await SealedReader.index(store, key) })));
  });
}

/**
 * Does work that reads objects as they were listed, and does it again from the listing on where one of them has vanished:
 * it is in a sealed object by then. Throws an error that says so where they never stop to vanish.
 */
export async function withoutVanishing<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
      if (attempt < MAX_TRIES) continue;
      throw new Error(
        `${error.message}, although it was listed, ${MAX_TRIES} times in a row: is something else removing objects?`,
        { cause: error },
      );
    }
  }
}

/**
 * One listing may miss both a generation that goes while it is made and the one that replaced it. The newer one was
 * there before the older one went: so a second listing has it, and two that are equal have all.
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
