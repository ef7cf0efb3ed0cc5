import pMap from 'p-map';
import { inventoryDigest } from '../cleaning/inventory.js';
import { LISTINGS_AT_ONCE } from '../cleaning/measure.js';
import type { Day } from '../domain/day.js';
import { listStored } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { Warehouse } from '../warehouse/warehouse.js';

export interface LostDeps {
  raw: Store;
  warehouse: Warehouse;
}

/**
 * Returns the feeds of a published day whose answers are gone from raw, in part or all of them, in the order of their
 * names. Answers that came since the day was published are no loss. The digest in the ledger tells nothing of that: a day
 * that was brought over has one of what was left.
 */
export async function lostFeeds({ raw, warehouse }: LostDeps, day: Day): Promise<string[]> {
  const published = await warehouse.publishedDay(day);
  const isLost = async (feed: string): Promise<string[]> => {
    const { bodies, keys } = await warehouse.publishedAnswers(day, feed);
    const left = new Set((await listStored(raw, 'accepted', feed, day)).map(({ key }) => key));
    return left.size < bodies || keys.some((key) => !left.has(key)) ? [feed] : [];
  };
  const lost = await pMap(published?.inventories.keys() ?? [], isLost, { concurrency: LISTINGS_AT_ONCE });
  return lost.flat().sort();
}

/**
 * Returns the digest of what raw still holds, of each feed of a published day. A day that is brought over is said to be
 * built from that: else it would be loaded again of answers that are not all there.
 */
export async function leftInventories({ raw, warehouse }: LostDeps, day: Day): Promise<Map<string, string>> {
  const published = await warehouse.publishedDay(day);
  const digestOf = async (feed: string) =>
    [feed, inventoryDigest(await listStored(raw, 'accepted', feed, day))] as const;
  return new Map(
    await pMap(published?.inventories.keys() ?? [], digestOf, { concurrency: LISTINGS_AT_ONCE }),
  );
}
