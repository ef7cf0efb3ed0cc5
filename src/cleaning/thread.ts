import { workerData } from 'piscina';
import { openStore } from '../stores/open.js';
import { type Sealing, sealFeedDay } from '../stores/sealed/seal.js';
import { cleanFeedDay, CleaningFault } from './clean.js';
import type { CleanStores, CleanTask, SealTask } from './pool.js';

const { rawUrl, flatUrl } = workerData as CleanStores;
const stores = { raw: openStore(rawUrl), flat: openStore(flatUrl) };

/** What a thread of the pool runs: cleans one part. Returns what is wrong with it where it can't be cleaned. */
export async function clean({ set, exclusions }: CleanTask): Promise<string | null> {
  try {
    await cleanFeedDay(stores, set, exclusions ?? undefined);
    return null;
  } catch (error) {
    if (error instanceof CleaningFault) return error.message; // which would lose its name on the way
    throw error;
  }
}

/** What a thread of the pool runs: seals one feed's day. */
export function seal({ feed, day, runOutcomes }: SealTask): Promise<Sealing> {
  return sealFeedDay(stores.raw, feed, day, runOutcomes);
}
