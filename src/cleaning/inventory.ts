import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { type FeedSlice, isInSlice } from '../domain/chunks.js';
import { listStored } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import { LISTINGS_AT_ONCE } from './measure.js';
import type { InventoryTask } from './pool.js';

/** What the raw store has of a feed's day: digests of accepted answers, each equal as long as cleaning gives the same. */
export interface FeedInventory {
  feed: string;
  /** The answers before the load's window. */
  earlier: { answers: number; digest: string };
  /** All answers before the end of the load's window. */
  known: string;
  /** How many answers of the load's window no slice has. */
  unsliced: number;
  /** The answers of the load's window by slice, in the order of the slices. */
  slices: string[];
}

/** The digest of accepted answers: equal as long as cleaning them would give the same. */
export function inventoryDigest(answers: readonly { key: string }[]): string {
  const inventory = createHash('sha256');
  for (const { key } of answers) inventory.update(key + '\n');
  return inventory.digest('hex');
}

/** Lists the accepted answers of feeds of a day. Throws UnreadableObject for a damaged sealed object. */
export async function takeInventories(
  raw: Store,
  { day, window: { from, to }, feeds }: InventoryTask,
): Promise<FeedInventory[]> {
  const take = async ({ feed, slices }: { feed: string; slices: FeedSlice[] }): Promise<FeedInventory> => {
    const answers = await listStored(raw, 'accepted', feed, day);
    const known = answers.filter(({ slot }) => slot < to);
    const earlier = known.filter(({ slot }) => slot < from);
    const cleaned = known.filter(({ slot }) => slot >= from);
    return {
      feed,
      earlier: { answers: earlier.length, digest: inventoryDigest(earlier) },
      known: inventoryDigest(known),
      unsliced: cleaned.filter(({ slot }) => !slices.some((slice) => isInSlice(slice, slot))).length,
      slices: slices.map((slice) => inventoryDigest(cleaned.filter(({ slot }) => isInSlice(slice, slot)))),
    };
  };
  return pMap(feeds, take, { concurrency: LISTINGS_AT_ONCE });
}
