import { onTestFinished } from 'vitest';
import type { AcquireActivities, CurrentActivities } from '../../../src/activities/registry.js';
import { acquireActivities, type AcquireOptions, currentActivities } from '../../../src/app/activities.js';
import { simulateFleet } from '../../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../../src/simulation/feed/server.js';
import { recordCollection } from '../../../src/stores/collectionLog.js';
import type { Store } from '../../../src/stores/store.js';
import type { CurrentStatus } from '../../../src/warehouse/current.js';
import { ZONE } from '../../cleaning/support/polls.js';
import { judge, readStatuses } from '../../support/intake.js';
import { temporaryStores } from '../../cleaning/support/stores.js';
import { openAnswerClient } from '../../activities/support/answerClient.js';

/** Slot of a run that was given its slot by hand. */
export const SLOT = Date.UTC(2026, 5, 15, 10, 20);

export interface Polling {
  raw: Store;
  feed: SimulatedFeed;
  activities: AcquireActivities & CurrentActivities;
}

/**
 * Create the activities of `acquireSlot` for one test, with a feed for each of these names; some are paused.
 *
 * @param clockMs clock of the activities, which stands still, in milliseconds from the start of the slot
 * @param current the current statuses. Default: none.
 * @param other dependencies that replace the defaults
 */
export async function openPolling(
  feeds: Record<string, { paused: boolean }>,
  clockMs: number,
  current: CurrentStatus | null = null,
  other: Partial<AcquireOptions> = {},
): Promise<Polling> {
  const { raw } = other.raw ? { raw: other.raw } : temporaryStores();
  const now = other.now ?? (() => SLOT + clockMs);
  const fleet = simulateFleet({ seed: 1, feeds: Object.keys(feeds), stationsPerFeed: 2 });
  const feed = await startSimulatedFeed({ contents: [fleet], now });
  onTestFinished(() => feed.stop());
  const client = openAnswerClient({ now });
  onTestFinished(() => client.close());
  await recordCollection(raw, {
    at: new Date(SLOT - 3_600_000).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: Object.entries(feeds).map(([name, { paused }]) => ({ name, source: 'chargecloud', paused })),
    setting: null,
  });
  const sources = { chargecloudUrl: feed.url };
  const activities = {
    ...acquireActivities({
      client,
      judge,
      maxBodyBytes: 1_000_000,
      timeZone: ZONE,
      sources,
      ...other,
      raw,
      now,
    }),
    ...currentActivities({ raw, readStatuses, current, bridgedSlots: 2 }),
  };
  return { raw, feed, activities };
}
