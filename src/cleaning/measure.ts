import pMap from 'p-map';
import { bytesByHour, type FeedSize } from '../domain/chunks.js';
import type { Slot, SlotRange } from '../domain/slot.js';
import { listAccepted, type StoredAnswer } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { MeasureTask } from './pool.js';

/** Estimated ratio between the size of stations' JSON and the size of its gzip. */
const GZIP_FACTOR = 14;
/**
 * Number of feeds' days that are listed concurrently. Each listing may hold one window of a sealed object in memory.
 */
export const LISTINGS_AT_ONCE = 4;

/** Estimate the size of each feed's accepted answers, hour by hour, in bytes. Feeds without answers are omitted. */
export async function measureFeeds(raw: Store, { feeds, day, window }: MeasureTask): Promise<FeedSize[]> {
  const sizes = await pMap(
    feeds,
    async ({ feed, excluded }) => {
      const answers = await listAccepted(raw, feed, day, excluded);
      return { feed, bytes: bytesByHour(answers.filter(isIn(window)).map(sizeOf)) };
    },
    { concurrency: LISTINGS_AT_ONCE },
  );
  return sizes.filter(({ bytes }) => bytes.size > 0);
}

function isIn(window: SlotRange | undefined): (answer: { slot: Slot }) => boolean {
  return ({ slot }) => window === undefined || (slot >= window.from && slot < window.to);
}

function sizeOf({ slot, size, sealed }: StoredAnswer): { slot: number; bytes: number } {
  return { slot, bytes: sealed ? size : size * GZIP_FACTOR };
}
