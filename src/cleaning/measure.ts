import pMap from 'p-map';
import { bytesByHour, type FeedSize } from '../domain/chunks.js';
import type { Slot, SlotRange } from '../domain/slot.js';
import { listStored, type StoredAnswer } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { MeasureTask } from './pool.js';

/** JSON of stations is so many times as large as its gzip. */
const GZIP_FACTOR = 14;
/** Listings of feeds' days at once: each may hold the window of a sealed object. */
export const LISTINGS_AT_ONCE = 4;

/** Finds out how large feeds' good answers are, hour by hour, about. Feeds without any are left out. */
export async function measureFeeds(raw: Store, { feeds, day, window }: MeasureTask): Promise<FeedSize[]> {
  const sizes = await pMap(
    feeds,
    async (feed) => {
      const answers = await listStored(raw, 'accepted', feed, day);
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
