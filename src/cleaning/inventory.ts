import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { isInSlice } from '../domain/chunks.js';
import { type ExcludedSlots, isExcluded, NOTHING_EXCLUDED } from '../domain/corrections.js';
import type { Slot } from '../domain/slot.js';
import { listAccepted } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import { LISTINGS_AT_ONCE } from './measure.js';
import type { InventoriedFeed, InventoryTask } from './pool.js';

/**
 * Inventory of a feed's day in the raw store, as digests of accepted answers. A digest stays the same as long as
 * cleaning the answers gives the same result.
 */
export interface FeedInventory {
  feed: string;
  /** Answers before the load's window. */
  earlier: { answers: number; digest: string };
  /** Digest of all answers before the end of the load's window. */
  known: string;
  /** Number of answers in the load's window that belong to no slice. */
  unsliced: number;
  /** Digests of the answers in the load's window, one for each slice, in the order of the slices. */
  slices: string[];
}

/**
 * Return the digest of accepted answers, made from their keys and from whether each is excluded. The digest stays the
 * same as long as cleaning the answers gives the same result.
 */
export function inventoryDigest(
  answers: readonly { key: string; slot: Slot }[],
  excluded: ExcludedSlots = NOTHING_EXCLUDED,
): string {
  const inventory = createHash('sha256');
  for (const { key, slot } of answers)
    inventory.update(`${key}${isExcluded(excluded, slot) ? ' excluded' : ''}\n`);
  return inventory.digest('hex');
}

/**
 * List the accepted answers of feeds on a day, and return an inventory for each feed.
 *
 * @throws UnreadableObject when a sealed object is damaged, unless the feed's whole day is excluded
 */
export async function takeInventories(
  raw: Store,
  { day, window: { from, to }, feeds }: InventoryTask,
): Promise<FeedInventory[]> {
  const take = async ({ feed, slices, excluded }: InventoriedFeed): Promise<FeedInventory> => {
    const answers = await listAccepted(raw, feed, day, excluded);
    const digestOf = (some: typeof answers) => inventoryDigest(some, excluded);
    const known = answers.filter(({ slot }) => slot < to);
    const earlier = known.filter(({ slot }) => slot < from);
    const cleaned = known.filter(({ slot }) => slot >= from);
    return {
      feed,
      earlier: { answers: earlier.length, digest: digestOf(earlier) },
      known: digestOf(known),
      unsliced: cleaned.filter(({ slot }) => !slices.some((slice) => isInSlice(slice, slot))).length,
      slices: slices.map((slice) => digestOf(cleaned.filter(({ slot }) => isInSlice(slice, slot)))),
    };
  };
  return pMap(feeds, take, { concurrency: LISTINGS_AT_ONCE });
}
