import type { Slot } from '../../domain/slot.js';
import type { AcquireDeps } from './deps.js';
import { feedsDue } from './feeds.js';

/** The feeds of a slot. */
export interface SlotPlan {
  /** Names of the feeds to poll. */
  feeds: string[];
  /** Names of the paused feeds. */
  paused: string[];
  /** Intervals in minutes of feeds with an interval of their own. Absent in runs of earlier versions. */
  intervals?: Record<string, number>;
}

/** Return the feeds to poll in a slot. A feed with an interval of its own is left out of slots that are not its. */
export async function planSlot(
  deps: Pick<AcquireDeps, 'collection' | 'now'>,
  { slot }: { slot: Slot },
): Promise<SlotPlan> {
  const feeds = await feedsDue(deps, slot);
  const names = (paused: boolean) => feeds.filter((feed) => feed.paused === paused).map(({ name }) => name);
  const own = feeds.filter(({ interval_minutes: wanted }) => wanted !== undefined);
  const intervals = Object.fromEntries(own.map(({ name, intervalMinutes }) => [name, intervalMinutes]));
  return { feeds: names(false), paused: names(true), ...(own.length > 0 && { intervals }) };
}
