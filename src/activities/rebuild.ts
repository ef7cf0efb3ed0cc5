import type { Day } from '../domain/day.js';
import { listRawDays, listRawFeeds } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { Warehouse } from '../warehouse/warehouse.js';
import { beating, refusing } from './beating.js';

export interface RebuildDeps {
  raw: Store;
  warehouse: Warehouse;
}

export type RebuildActivities = ReturnType<typeof createRebuildActivities>;

/** The activities of the workflow `rebuildWarehouse`. Each may run again at any point. */
export function createRebuildActivities({ raw, warehouse }: RebuildDeps) {
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

    /** Lets readers see the rebuilt warehouse, unless days were published meanwhile: then it returns these. */
    exchangeWarehouses: (rebuild: string) => beating(() => refusing(() => warehouse.exchange(rebuild))),

    /** Removes what a rebuild that failed has left. */
    discardRebuild: (rebuild: string) => beating(() => warehouse.discardRebuild(rebuild)),

    /** Drops the warehouse that was replaced, once nobody reads it any more. */
    dropReplaced: () => beating(() => warehouse.dropReplaced()),
  };
}
