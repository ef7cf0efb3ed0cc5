import { type Day, dayOf } from '../domain/day.js';
import type { Slot } from '../domain/slot.js';
import type { Intake } from '../intake/intake.js';
import { collectionAt } from '../stores/collectionLog.js';
import { listRawDays, listRawFeeds, UnreadableObject } from '../stores/raw.js';
import { readRawDay } from '../stores/rawDay.js';
import type { Store } from '../stores/store.js';
import type { CurrentStatus } from '../warehouse/current.js';
import type { Warehouse } from '../warehouse/warehouse.js';
import { beating, refusing } from './beating.js';

export interface RebuildDeps {
  raw: Store;
  warehouse: Warehouse;
  /** Reads answers off the event loop. */
  readStatuses: Intake['readStatuses'];
  /** null: the warehouse keeps no current statuses. */
  current: CurrentStatus | null;
  bridgedSlots: number;
  intervalMinutes: number;
  timeZone: string;
}

export type RebuildActivities = ReturnType<typeof createRebuildActivities>;

/** The activities of the workflow `rebuildWarehouse`. Each may run again at any point. */
export function createRebuildActivities(deps: RebuildDeps) {
  const { raw, warehouse, current } = deps;
  return {
    /** Makes an empty warehouse beside the published one. Returns the days to load into it, in order. */
    beginRebuild: (rebuild: string) =>
      beating(async (): Promise<Day[]> => {
        await refusing(() => warehouse.beginRebuild(rebuild));
        const feeds = await listRawFeeds(raw, 'polls');
        const ofRaw = await Promise.all(feeds.map((feed) => listRawDays(raw, 'polls', feed)));
        // Those without any answer too: their coverage says what was missed.
        return [...new Set([...ofRaw.flat(), ...(await warehouse.publishedDays())])].sort();
      }),

    /**
     * Makes the current statuses anew, of the rebuilt warehouse or, where polls came in meanwhile, of the published one:
     * from the days that are loaded, and from the answers that came later.
     */
    restoreCurrent: ({ isRebuild }: { isRebuild: boolean }) =>
      beating(async (): Promise<void> => {
        if (current === null) return;
        if (isRebuild) await current.seedRebuilt();
        const loaded = await current.loadedSlots({ isRebuild });
        for (const feed of await listRawFeeds(raw, 'polls'))
          await replay(deps, current, { feed, after: loaded.get(feed) ?? -Infinity, isRebuild });
      }),

    /** Lets readers see the rebuilt warehouse, unless days were published meanwhile: then it returns these. */
    exchangeWarehouses: (rebuild: string) => beating(() => refusing(() => warehouse.exchange(rebuild))),

    /** Returns what other people had on the replaced tables and could not be made anew: the first few hundred, and how many. */
    notRecreated: (rebuild: string) => beating(() => warehouse.notRecreated(rebuild)),

    /** Removes what a rebuild that failed has left. */
    discardRebuild: (rebuild: string) => beating(() => warehouse.discardRebuild(rebuild)),

    /** Drops the warehouse that was replaced, once nobody reads it any more. */
    dropReplaced: () => beating(() => warehouse.dropReplaced()),
  };
}

/** Takes a feed's answers after a slot into the current statuses, in the order of their slots. */
async function replay(
  { raw, readStatuses, bridgedSlots, intervalMinutes, timeZone }: RebuildDeps,
  current: CurrentStatus,
  { feed, after, isRebuild }: { feed: string; after: Slot; isRebuild: boolean },
): Promise<void> {
  const days = (await listRawDays(raw, 'polls', feed)).filter(
    (day) => after === -Infinity || day >= dayOf(after, timeZone),
  );
  for (const day of days) {
    await readRawDay(raw, 'polls', feed, day, async (rawDay) => {
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
