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

/** What the activities of the workflow `rebuildWarehouse` depend on. Each may run again at any point. */
export interface RebuildDeps extends Fields<
  'general.timeZone' | 'polling.intervalMinutes' | 'loading.bridgedSlots'
> {
  raw: Store;
  warehouse: Warehouse;
  /** Reads answers off the event loop. */
  readStatuses: Intake['readStatuses'];
  /** null: the warehouse keeps no current statuses. */
  current: CurrentStatus | null;
}

type WarehouseDep = Pick<RebuildDeps, 'warehouse'>;

/** Makes an empty warehouse beside the published one. Returns the days to load into it, in order. */
export async function beginRebuild(
  { raw, warehouse }: Pick<RebuildDeps, 'raw' | 'warehouse'>,
  rebuild: string,
): Promise<Day[]> {
  await refusing(() => warehouse.beginRebuild(rebuild));
  const feeds = await listRawFeeds(raw, 'accepted');
  const ofRaw = await Promise.all(feeds.map((feed) => listRawDays(raw, 'accepted', feed)));
  // Those without any answer too: their coverage says what was missed.
  return [...new Set([...ofRaw.flat(), ...(await warehouse.publishedDays())])].sort();
}

/**
 * Makes the current statuses anew, of the rebuilt warehouse or, where polls came in meanwhile, of the published one:
 * from the days that are loaded, and from the answers that came later.
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

/** Lets readers see the rebuilt warehouse, unless days were published meanwhile: then it returns these. */
export async function exchangeWarehouses({ warehouse }: WarehouseDep, rebuild: string): Promise<Day[]> {
  return refusing(() => warehouse.exchange(rebuild));
}

/** Returns what other people had on the replaced tables and could not be made anew: the first few hundred, and how many. */
export async function notRecreated(
  { warehouse }: WarehouseDep,
  rebuild: string,
): ReturnType<Warehouse['notRecreated']> {
  return warehouse.notRecreated(rebuild);
}

/** Removes what a rebuild that failed has left. */
export async function discardRebuild({ warehouse }: WarehouseDep, rebuild: string): Promise<void> {
  await warehouse.discardRebuild(rebuild);
}

/** Drops the warehouse that was replaced, once nobody reads it any more. */
export async function dropReplaced({ warehouse }: WarehouseDep): Promise<void> {
  await warehouse.dropReplaced();
}

/** Takes a feed's answers after a slot into the current statuses, in the order of their slots. */
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
        const { found: statuses } = await readStatuses({
          at,
          source: meta.source,
          receivedAt: meta.received_at,
          body,
        });
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
