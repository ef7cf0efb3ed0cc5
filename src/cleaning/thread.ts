import { workerData } from 'piscina';
import type { FlatManifest } from '../stores/flat.js';
import { openStore } from '../stores/open.js';
import { cleanFeedDay } from './clean.js';
import type { CleanStores, CleanTask } from './pool.js';

const { rawUrl, flatUrl } = workerData as CleanStores;
const stores = { raw: openStore(rawUrl), flat: openStore(flatUrl) };

/** What a thread of the pool runs: cleans one feed's day. */
export default function clean({ set, exclusions }: CleanTask): Promise<FlatManifest> {
  return cleanFeedDay(stores, set, exclusions ?? undefined);
}
