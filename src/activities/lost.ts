import pMap from 'p-map';
import { inventoryDigest } from '../cleaning/inventory.js';
import { LISTINGS_AT_ONCE } from '../cleaning/measure.js';
import type { Day } from '../domain/day.js';
import { listAccepted } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { Warehouse } from '../warehouse/warehouse.js';
import { readExcluded } from './corrections.js';

/** Dependencies of finding lost answers. */
export interface LostDeps {
  raw: Store;
  warehouse: Warehouse;
  /** IANA name of the time zone of days. */
  timeZone: string;
}

/**
 * Return the feeds of a published day that have lost answers in raw, some or all, sorted by name. Answers that were
 * added after the publication are no loss. The digest in the ledger can't tell a loss, because the digest of a day that
 * was copied from the published warehouse covers only the answers that remained.
 *
 * Answers in a damaged sealed object are lost too, if the whole day of their feed is excluded. Otherwise the damage is
 * an error.
 */
export async function lostFeeds(deps: LostDeps, day: Day): Promise<string[]> {
  const { raw, warehouse } = deps;
  const excludedOf = await readExcluded(deps);
  const published = await warehouse.publishedDay(day);
  const isLost = async (feed: string): Promise<string[]> => {
    const { bodies, keys } = await warehouse.publishedAnswers(day, feed);
    const listed = await listAccepted(raw, feed, day, excludedOf(feed, day));
    const left = new Set(listed.map(({ key }) => key));
    return left.size < bodies || keys.some((key) => !left.has(key)) ? [feed] : [];
  };
  const lost = await pMap(published?.inventories.keys() ?? [], isLost, { concurrency: LISTINGS_AT_ONCE });
  return lost.flat().sort();
}

/**
 * Return the digest of the answers that raw still holds, for each feed of a published day. A day that is copied from
 * the published warehouse gets these digests. Otherwise it would be loaded again from an incomplete set of answers.
 */
export async function leftInventories(deps: LostDeps, day: Day): Promise<Map<string, string>> {
  const { raw, warehouse } = deps;
  const excludedOf = await readExcluded(deps);
  const published = await warehouse.publishedDay(day);
  const digestOf = async (feed: string) => {
    const excluded = excludedOf(feed, day);
    return [feed, inventoryDigest(await listAccepted(raw, feed, day, excluded), excluded)] as const;
  };
  return new Map(
    await pMap(published?.inventories.keys() ?? [], digestOf, { concurrency: LISTINGS_AT_ONCE }),
  );
}
