import type { Slot } from '../../domain/slot.js';
import { sourceByName } from '../../sources/registry.js';
import type { Source } from '../../sources/source.js';
import type { FeedState } from '../../stores/collectionLog.js';
import type { AcquireDeps, PollInput } from './deps.js';
import { misconfigured } from './outcomes.js';

/**
 * Return the feeds that the collection log has for a slot. For the slot that is running now, return the current feeds.
 */
export async function feedsAt(
  { collection, now }: Pick<AcquireDeps, 'collection' | 'now'>,
  slot: Slot,
): Promise<FeedState[]> {
  const nowMs = now();
  const current = await collection.at(nowMs);
  const isRunning = nowMs >= slot && nowMs < slot + (current?.interval_minutes ?? 0) * 60_000;
  const held = isRunning ? current : await collection.at(slot);
  return held?.feeds ?? [];
}

/**
 * Find the source and the address by which a feed is polled.
 *
 * @throws ApplicationFailure of type `misconfigured` when the feed is no longer collected, its source is unknown, or
 * neither the feed nor its source has an address
 */
export async function addressOf(
  deps: AcquireDeps,
  input: PollInput,
): Promise<{ feed: FeedState; source: Source; url: string }> {
  const feeds = await feedsAt(deps, input.slot);
  const feed = feeds.find(({ name }) => name === input.feed);
  if (!feed) throw misconfigured(input.feed, `the feed ${input.feed} is no longer collected`);
  let source: Source;
  try {
    source = sourceByName(feed.source);
  } catch (error) {
    throw misconfigured(feed.name, (error as Error).message);
  }
  const url = feed.url ?? source.defaultUrl(feed.name, deps.sources);
  if (url === null) {
    throw misconfigured(
      feed.name,
      `the feed ${feed.name} has no address, and its source ${source.name} has no default address. ` +
        `Remove the feed with "ladepuls feeds remove ${feed.name}", then add it with "ladepuls feeds add ${feed.name} --url URL".`,
    );
  }
  return { feed, source, url };
}
