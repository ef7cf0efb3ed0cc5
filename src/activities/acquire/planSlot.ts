import type { Slot } from '../../domain/slot.js';
import type { AcquireDeps } from './deps.js';
import { feedsAt } from './feeds.js';

/** Returns the names of the feeds that are to be polled in a slot, and of those that are paused. */
export async function planSlot(
  deps: Pick<AcquireDeps, 'collection' | 'now'>,
  { slot }: { slot: Slot },
): Promise<{ feeds: string[]; paused: string[] }> {
  const feeds = await feedsAt(deps, slot);
  const names = (paused: boolean) => feeds.filter((feed) => feed.paused === paused).map(({ name }) => name);
  return { feeds: names(false), paused: names(true) };
}
