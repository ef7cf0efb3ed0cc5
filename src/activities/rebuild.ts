import { isExcluded } from '../domain/corrections.js';
import { type Day, dayOf } from '../domain/day.js';
import type { Slot } from '../domain/slot.js';
import type { Intake } from '../intake/intake.js';
import type { Fields } from '../settings/slice.js';
import { collectionAt, intervalOf } from '../stores/collectionLog.js';
import { listRawDays, listRawFeeds, UnreadableObject } from '../stores/raw.js';
import { type RawDay, readRawDay } from '../stores/rawDay.js';
import type { Store } from '../stores/store.js';
import type { CurrentStatus } from '../warehouse/current.js';
import type { Warehouse } from '../warehouse/warehouse.js';
import { type ExcludedOf, readExcluded } from './corrections.js';
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
  const excludedOf = await readExcluded(deps);
  for (const feed of await listRawFeeds(raw, 'accepted'))
    await replay(deps, current, { feed, after: loaded.get(feed) ?? -Infinity, isRebuild }, excludedOf);
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

/**
 * Update the current statuses from a feed's answers after a slot, in the order of their slots. Excluded answers are
 * left out.
 */
async function replay(
  deps: Omit<RebuildDeps, 'warehouse'>,
  current: CurrentStatus,
  { feed, after, isRebuild }: { feed: string; after: Slot; isRebuild: boolean },
  excludedOf: ExcludedOf,
): Promise<void> {
  const { raw, readStatuses, bridgedSlots, intervalMinutes, timeZone } = deps;
  const days = (await listRawDays(raw, 'accepted', feed)).filter(
    (day) => after === -Infinity || day >= dayOf(after, timeZone),
  );
  for (const day of days) {
    const excluded = excludedOf(feed, day);
    const isShown = ({ slot }: { slot: Slot }) => slot > after && !isExcluded(excluded, slot);
    const replayDay = async (rawDay: RawDay) => {
      for (const object of rawDay.objects.filter(isShown)) {
        const { slot, key } = object;
        const answer = await rawDay.read(object).catch(unlessUnreadable);
        if (answer === null) continue;
        const { meta, body } = answer;
        const at = { feed, slot, key };
        const { found: shown } = await readStatuses({ at, meta, body });
        if (shown === null) continue;
        const interval = (await intervalAt(raw, feed, slot)) ?? intervalMinutes;
        const feeds = [
          { feed, outcome: 'stored' as const, reason: null, ...shown, intervalMinutes: interval },
        ];
        await current.keep({ slot, feeds }, { bridgedSlots, isRebuild });
      }
    };
    await readRawDay(raw, 'accepted', feed, day, replayDay, { skipsDamaged: excluded.isWholeDay });
  }
}

/** Return the interval at which a feed was polled in a slot; null without an entry of the collection log. */
async function intervalAt(raw: Store, feed: string, slot: Slot): Promise<number | null> {
  const entry = await collectionAt(raw, slot);
  if (entry === null) return null;
  const collected = entry.feeds.find(({ name }) => name === feed);
  return collected ? intervalOf(collected, entry) : entry.interval_minutes;
}

function unlessUnreadable(error: unknown): null {
  if (error instanceof UnreadableObject) return null;
  throw error;
}
