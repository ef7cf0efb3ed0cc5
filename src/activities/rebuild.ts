import { type Day, dayOf } from '../domain/day.js';
import type { Slot } from '../domain/slot.js';
import type { Intake } from '../intake/intake.js';
import type { Fields } from '../settings/slice.js';
import { collectionAt } from '../stores/collectionLog.js';
import { listRawDays, listRawFeeds, UnreadableObject } from '../stores/raw.js';
import { readRawDay } from '../stores/rawDay.js';
import type { Store } from '../stores/store.js';
import type { CurrentStatus } from '../warehouse/current.js';
import type { Warehouse } from '../warehouse/warehouse.js';
import { refusing } from './refusing.js';

/** Dependencies of the activities of the workflow `rebuildWarehouse`. Each activity is idempotent. */
export interface RebuildDeps extends Fields<
  'general.timeZone' | 'polling.intervalMinutes' | 'loading.bridgedSlots'
> {
  raw: Store;
  warehouse: Warehouse;
  /** Reads answers on other threads. */
  readStatuses: Intake['readStatuses'];
  /** null when the warehouse has no current statuses. */
  current: CurrentStatus | null;
}

type WarehouseDep = Pick<RebuildDeps, 'warehouse'>;

/** Create an empty warehouse beside the published one. Returns the days to load into it, in order. */
export async function beginRebuild(
  { raw, warehouse }: Pick<RebuildDeps, 'raw' | 'warehouse'>,
  rebuild: string,
): Promise<Day[]> {
  await refusing(() => warehouse.beginRebuild(rebuild));
  const feeds = await listRawFeeds(raw, 'accepted');
  const ofRaw = await Promise.all(feeds.map((feed) => listRawDays(raw, 'accepted', feed)));
  // Days without any answer are included, because their coverage says what was missed.
  return [...new Set([...ofRaw.flat(), ...(await warehouse.publishedDays())])].sort();
}

/**
 * Derive the current statuses from the loaded days and from the answers after them. With `isRebuild`, derive them for
 * the rebuilt warehouse. Without it, derive them for the published warehouse, because polls during the exchange updated
 * the replaced one.
 */
export async function restoreCurrent(
  deps: Omit<RebuildDeps, 'warehouse'>,
  { isRebuild }: { isRebuild: boolean },
): Promise<void> {
  const { raw, current } = deps;
  if (current === null) return;
  if (isRebuild) await current.seedRebuilt();
  const loaded = await current.loadedSlots({ isRebuild });
  for (const feed of await listRawFeeds(raw, 'accepted'))
    await replay(deps, current, { feed, after: loaded.get(feed) ?? -Infinity, isRebuild });
}

/**
 * Replace the published warehouse by the rebuilt one. When days were published since they were rebuilt, nothing is
 * exchanged, and these days are returned.
 */
export async function exchangeWarehouses({ warehouse }: WarehouseDep, rebuild: string): Promise<Day[]> {
  return refusing(() => warehouse.exchange(rebuild));
}

/**
 * Return other people's objects on the replaced tables that could not be recreated: the first few hundred, and the
 * total.
 */
export async function notRecreated(
  { warehouse }: WarehouseDep,
  rebuild: string,
): ReturnType<Warehouse['notRecreated']> {
  return warehouse.notRecreated(rebuild);
}

/** Remove the tables of a rebuild that failed. */
export async function discardRebuild({ warehouse }: WarehouseDep, rebuild: string): Promise<void> {
  await warehouse.discardRebuild(rebuild);
}

/** Drop the replaced warehouse as soon as nobody reads it. */
export async function dropReplaced({ warehouse }: WarehouseDep): Promise<void> {
  await warehouse.dropReplaced();
}

/** Update the current statuses from a feed's answers after a slot, in the order of their slots. */
async function replay(
  { raw, readStatuses, bridgedSlots, intervalMinutes, timeZone }: Omit<RebuildDeps, 'warehouse'>,
  current: CurrentStatus,
  { feed, after, isRebuild }: { feed: string; after: Slot; isRebuild: boolean },
): Promise<void> {
  const days = (await listRawDays(raw, 'accepted', feed)).filter(
    (day) => after === -Infinity || day >= dayOf(after, timeZone),
  );
  for (const day of days) {
    await readRawDay(raw, 'accepted', feed, day, async (rawDay) => {
      for (const object of rawDay.objects.filter(({ slot }) => slot > after)) {
        const { slot, key } = object;
        const answer = await rawDay.read(object).catch(unlessUnreadable);
        if (answer === null) continue;
        const { meta, body } = answer;
        const at = { feed, slot, key };
        const { found: statuses } = await readStatuses({ at, meta, body });
        if (statuses === null || statuses.size === 0) continue;
        const interval = (await collectionAt(raw, slot))?.interval_minutes ?? intervalMinutes;
        const feeds = [{ feed, outcome: 'stored' as const, reason: null, statuses }];
        await current.keep({ slot, intervalMinutes: interval, feeds }, { bridgedSlots, isRebuild });
      }
    });
  }
}

function unlessUnreadable(error: unknown): null {
  if (error instanceof UnreadableObject) return null;
  throw error;
}
