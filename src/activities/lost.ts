import pMap from 'p-map';
import { inventoryDigest } from '../cleaning/inventory.js';
import { LISTINGS_AT_ONCE } from '../cleaning/measure.js';
import type { Day } from '../domain/day.js';
import { listStored } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { Warehouse } from '../warehouse/warehouse.js';

/** Dependencies of finding lost answers. */
export interface LostDeps {
  raw: Store;
  warehouse: Warehouse;
}

/**
 * Return the feeds of a published day that have lost answers in raw, some or all, sorted by name. Answers that were
 * added after the publication are no loss. The digest in the ledger can't tell a loss, because the digest of a day that
 * was copied from the published warehouse covers only the answers that remained.
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
 * Return the digest of the answers that raw still holds, for each feed of a published day. A day that is copied from
 * the published warehouse gets these digests. Otherwise it would be loaded again from an incomplete set of answers.
 */
export async function leftInventories({ raw, warehouse }: LostDeps, day: Day): Promise<Map<string, string>> {
  const published = await warehouse.publishedDay(day);
  const digestOf = async (feed: string) =>
    [feed, inventoryDigest(await listStored(raw, 'accepted', feed, day))] as const;
  return new Map(
    await pMap(published?.inventories.keys() ?? [], digestOf, { concurrency: LISTINGS_AT_ONCE }),
  );
}
