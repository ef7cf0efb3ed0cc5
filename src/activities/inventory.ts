import pMap from 'p-map';
import { type FeedInventory, inventoryDigest } from '../cleaning/inventory.js';
import type { Damage, InventoryTask } from '../cleaning/pool.js';
import type { FeedSlice } from '../domain/chunks.js';
import type { ExcludedSlots } from '../domain/corrections.js';
import type { Slot, SlotRange } from '../domain/slot.js';
import { getManifest, getPlan } from '../stores/flat.js';
import { listRawFeeds } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import { type Load, LoadOutdated, type PublishedDay, type Warehouse } from '../warehouse/warehouse.js';
import { readExcluded } from './corrections.js';
import { inBatches } from './load/inBatches.js';

/** Number of manifests that are read concurrently. */
const MANIFESTS_AT_ONCE = 16;
const WHOLE_DAY: SlotRange = { from: -Infinity, to: Infinity };

/**
 * Dependencies of taking inventories. `takeInventories` runs on other threads, because listing the folders of a large
 * fleet takes longer than a heartbeat may wait.
 */
export interface InventoryDeps {
  raw: Store;
  flat: Store;
  warehouse: Warehouse;
  takeInventories: (task: InventoryTask, signal: AbortSignal) => Promise<FeedInventory[] | Damage>;
  /** IANA name of the time zone of days. */
  timeZone: string;
}

/**
 * Compare the answers of every feed's day in raw, and which of them are excluded, with the cleaned answers. For an
 * addition, also compare the earlier answers with those of the published day. Returns the digest of each feed's
 * inventory.
 *
 * @throws LoadOutdated when they differ
 */
export async function verifyInventory(
  { raw, flat, warehouse, takeInventories, timeZone }: InventoryDeps,
  load: Load,
): Promise<Map<string, string>> {
  const { chunks } = await getPlan(flat, load.day, load.run);
  const slices = new Map<string, FeedSlice[]>();
  for (const slice of chunks.flat()) slices.set(slice.feed, [...(slices.get(slice.feed) ?? []), slice]);
  const earlier = load.addsTo === undefined ? null : await warehouse.publishedDay(load.day);
  const published = earlier?.inventories ?? new Map<string, string>();
  const names = new Set([...(await listRawFeeds(raw, 'accepted')), ...slices.keys(), ...published.keys()]);
  const excludedOf = await readExcluded({ raw, timeZone });
  const feeds = [...names].map((feed) => ({
    feed,
    slices: slices.get(feed) ?? [],
    excluded: excludedOf(feed, load.day),
  }));
  const inventories = await inBatches(feeds, (batch, signal) =>
    takeInventories({ day: load.day, window: load.window ?? WHOLE_DAY, feeds: batch }, signal),
  );
  const digests = await pMap(
    inventories,
    async (found): Promise<[string, string]> => {
      const { feed, known } = found;
      if (earlier && !isPublished(found.earlier, published.get(feed)))
        throw new LoadOutdated(
          `earlier answers of ${feed} changed in the raw store while ${load.day} was being loaded: the day is loaded again automatically`,
        );
      if (!(await isWhatWasCleaned(flat, load, found, slices.get(feed) ?? [])))
        throw new LoadOutdated(
          `answers of ${feed} changed in the raw store while ${load.day} was being loaded: the day is cleaned again automatically`,
        );
      return [feed, known];
    },
    { concurrency: MANIFESTS_AT_ONCE },
  );
  return new Map(digests);
}

async function isWhatWasCleaned(
  flat: Store,
  { day, run: load }: Load,
  found: FeedInventory,
  slices: FeedSlice[],
): Promise<boolean> {
  let isSame = found.unsliced === 0;
  for (const [index, slice] of slices.entries()) {
    const { inventory } = await getManifest(flat, { day, load, ...slice });
    isSame &&= inventory === found.slices[index];
  }
  return isSame;
}

/** Return whether the published rows of a feed were built from these answers. */
function isPublished({ answers, digest }: FeedInventory['earlier'], inventory: string | undefined): boolean {
  return inventory === undefined ? answers === 0 : inventory === digest;
}

/**
 * Return whether the published rows of a feed were built from all its answers before a slot, and no others, without the
 * excluded ones.
 */
export function isBuiltFrom(
  { inventories }: PublishedDay,
  feed: string,
  answers: readonly { key: string; slot: Slot }[],
  { before, excluded }: { before: Slot; excluded: ExcludedSlots },
): boolean {
  const earlier = answers.filter(({ slot }) => slot < before);
  return isPublished(
    { answers: earlier.length, digest: inventoryDigest(earlier, excluded) },
    inventories.get(feed),
  );
}
