import { workerData } from 'piscina';
import type { FlatManifest } from '../stores/flat.js';
import { openStore } from '../stores/open.js';
import { type Sealing, sealFeedDay } from '../stores/sealed/seal.js';
import { cleanFeedDay } from './clean.js';
import type { CleanStores, CleanTask, SealTask } from './pool.js';

const { rawUrl, flatUrl } = workerData as CleanStores;
const stores = { raw: openStore(rawUrl), flat: openStore(flatUrl) };

/** What a thread of the pool runs: cleans one feed's day. */
export function clean({ set, exclusions }: CleanTask): Promise<FlatManifest> {
  return cleanFeedDay(stores, set, exclusions ?? undefined);
}

/** What a thread of the pool runs: seals one feed's day. */
export function seal({ feed, day }: SealTask): Promise<Sealing> {
  return sealFeedDay(stores.raw, feed, day);
}
