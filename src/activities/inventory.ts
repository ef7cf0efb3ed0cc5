import pMap from 'p-map';
import { inventoryDigest } from '../cleaning/clean.js';
import { LISTINGS_AT_ONCE } from '../cleaning/measure.js';
import { isInSlice, type FeedSlice } from '../domain/chunks.js';
import type { Slot } from '../domain/slot.js';
import { getManifest, getPlan } from '../stores/flat.js';
import { listStored, listRawFeeds, type StoredAnswer } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import { type Load, LoadOutdated, type PublishedDay, type Warehouse } from '../warehouse/warehouse.js';

interface InventoryDeps {
  raw: Store;
  flat: Store;
  warehouse: Warehouse;
}

/**
 * Compares what there is of every feed's day with what was cleaned, and with what stands in the warehouse where that is
 * added to. Returns the digests of the feeds' inventories. Throws LoadOutdated where they differ.
 */
export async function verifyInventory(
  { raw, flat, warehouse }: InventoryDeps,
  load: Load,
): Promise<Map<string, string>> {
  const { chunks } = await getPlan(flat, load.day, load.run);
  const slices = new Map<string, FeedSlice[]>();
  for (const slice of chunks.flat()) slices.set(slice.feed, [...(slices.get(slice.feed) ?? []), slice]);
  const earlier = load.addsTo === undefined ? null : await warehouse.publishedDay(load.day);
  const inventories = earlier?.inventories ?? new Map<string, string>();
  const feeds = new Set([...(await listRawFeeds(raw, 'accepted')), ...slices.keys(), ...inventories.keys()]);
  const digests = await pMap(
    feeds,
    async (feed): Promise<[string, string]> => {
      const answers = await listStored(raw, 'accepted', feed, load.day);
      const { from, to } = load.window ?? { from: -Infinity, to: Infinity };
      const known = answers.filter(({ slot }) => slot < to);
      if (earlier && !isBuiltFrom(earlier, feed, answers, from))
        throw new LoadOutdated(
          `earlier answers of ${feed} came or went while ${load.day} was being added to`,
        );
      const cleaned = known.filter(({ slot }) => slot >= from);
      if (!(await isWhatWasCleaned(flat, load, cleaned, slices.get(feed) ?? [])))
        throw new LoadOutdated(
          `answers of ${feed} came or went while ${load.day} was being loaded: it is cleaned again`,
        );
      return [feed, inventoryDigest(known)];
    },
    { concurrency: LISTINGS_AT_ONCE },
  );
  return new Map(digests);
}

async function isWhatWasCleaned(
  flat: Store,
  load: Load,
  answers: StoredAnswer[],
  slices: FeedSlice[],
): Promise<boolean> {
  let isSame = answers.every(({ slot }) => slices.some((slice) => isInSlice(slice, slot)));
  for (const slice of slices) {
    const { inventory } = await getManifest(flat, { day: load.day, load: load.run, ...slice });
    isSame &&= inventory === inventoryDigest(answers.filter(({ slot }) => isInSlice(slice, slot)));
  }
  return isSame;
}

/** Whether what is published of a feed was built from its answers before a slot, all of them. */
export function isBuiltFrom(
  { inventories }: PublishedDay,
  feed: string,
  answers: readonly { key: string; slot: Slot }[],
  before: Slot,
): boolean {
  const earlier = answers.filter(({ slot }) => slot < before);
  const inventory = inventories.get(feed);
  return inventory === undefined ? earlier.length === 0 : inventory === inventoryDigest(earlier);
}
