import type { Day } from '../../domain/day.js';
import { UnreadableObject } from '../rawObject.js';
import type { Store } from '../store.js';
import { listSealedKeys, withoutVanishing } from './generations.js';
import { SealedReader } from './sealedReader.js';

/**
 * Read the sealed objects of a feed's day to their ends, one answer at a time. Returns what is wrong with each damaged
 * object, as a line; empty when all are whole.
 */
export async function damageOf(store: Store, feed: string, day: Day): Promise<string[]> {
  return withoutVanishing(async () => {
    const damaged: string[] = [];
    for (const key of await listSealedKeys(store, feed, day)) {
      const found = await readToEnd(store, key);
      if (found !== null) damaged.push(found);
    }
    return damaged;
  });
}

async function readToEnd(store: Store, key: string): Promise<string | null> {
  let reader: SealedReader | undefined;
  try {
    reader = await SealedReader.open(store, key);
    for (const position of reader.index.answers.keys()) await reader.answer(position);
    await reader.expectEnd();
    return null;
  } catch (error) {
    if (error instanceof UnreadableObject) return error.message;
    throw error;
  } finally {
    reader?.close();
  }
}
