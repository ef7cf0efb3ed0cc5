import { workerData } from 'piscina';
import type { FeedSize } from '../domain/chunks.js';
import { openStore } from '../stores/open.js';
import { UnreadableObject } from '../stores/raw.js';
import { type Sealing, sealFeedDay } from '../stores/sealed/seal.js';
import { cleanFeedDay, CleaningFault } from './clean.js';
import { type FeedInventory, takeInventories } from './inventory.js';
import { measureFeeds } from './measure.js';
import type { CleanerData, CleanTask, Damage, InventoryTask, MeasureTask, SealTask } from './pool.js';

const { rawUrl, flatUrl, limits } = workerData as CleanerData;
const stores = { raw: openStore(rawUrl, process.env, { isAlone: true }), flat: openStore(flatUrl) };

/** Clean one feed slice, on a thread of the pool. Returns why the slice can't be cleaned; null when it was cleaned. */
export async function clean({ set, exclusions, ...options }: CleanTask): Promise<string | Damage | null> {
  try {
    await cleanFeedDay(stores, set, exclusions ?? undefined, { limits, ...options });
    return null;
  } catch (error) {
    if (error instanceof UnreadableObject) return { damaged: error.message };
    if (error instanceof CleaningFault) return error.message; // as text, because an error loses its name when a thread sends it
    throw error;
  }
}

/** Estimate the size of feeds' answers, on a thread of the pool. */
export function measure(task: MeasureTask): Promise<FeedSize[] | Damage> {
  return orDamage(measureFeeds(stores.raw, task));
}

/** Take the inventories of feeds, on a thread of the pool. */
export function inventories(task: InventoryTask): Promise<FeedInventory[] | Damage> {
  return orDamage(takeInventories(stores.raw, task));
}

async function orDamage<T>(work: Promise<T>): Promise<T | Damage> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UnreadableObject) return { damaged: error.message };
    throw error;
  }
}

/** Seal one feed's day, on a thread of the pool. */
export function seal({ feed, day, runOutcomes }: SealTask): Promise<Sealing> {
  return sealFeedDay(stores.raw, feed, day, runOutcomes);
}
