import type { Slot } from '../../domain/slot.js';
import type { AcquireDeps } from './deps.js';
import { feedsAt } from './feeds.js';

/** Return the names of the feeds to poll in a slot, and the names of the paused feeds. */
export async function planSlot(
  deps: Pick<AcquireDeps, 'collection' | 'now'>,
  { slot }: { slot: Slot },
): Promise<{ feeds: string[]; paused: string[] }> {
  const feeds = await feedsAt(deps, slot);
  const names = (paused: boolean) => feeds.filter((feed) => feed.paused === paused).map(({ name }) => name);
  return { feeds: names(false), paused: names(true) };
}
