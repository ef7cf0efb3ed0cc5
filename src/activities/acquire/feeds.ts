import { isSlotOf, type Slot } from '../../domain/slot.js';
import { type Access, InvalidAuth, parseAccess } from '../../sources/auth/auth.js';
import { sourceByName } from '../../sources/registry.js';
import type { Source } from '../../sources/source.js';
import { type CollectionEntry, type FeedState, intervalOf } from '../../stores/collectionLog.js';
import type { AcquireDeps, PollInput } from './deps.js';
import { misconfigured } from './outcomes.js';

/** A feed in a slot, with the interval at which it is polled. */
export interface FeedAt extends FeedState {
  intervalMinutes: number;
}

/**
 * Return the feeds that are to be polled in a slot by the collection log, including paused ones: those whose interval
 * has this slot. For the slot that is running now, the current feeds count. An interval that was changed in the slot
 * holds from the next slot on, because the collection log expects a poll of the feed in this one.
 */
export async function feedsDue(deps: Pick<AcquireDeps, 'collection' | 'now'>, slot: Slot): Promise<FeedAt[]> {
  const entry = await entryAt(deps, slot);
  if (entry === null) return [];
  const atStart = Date.parse(entry.at) > slot ? await deps.collection.at(slot) : entry;
  const wasDue = new Set(atStart?.feeds.filter((feed) => isDue(feed, atStart, slot)).map(({ name }) => name));
  return entry.feeds
    .filter((feed) => isDue(feed, entry, slot) || wasDue.has(feed.name))
    .map((feed) => ({ ...feed, intervalMinutes: intervalOf(feed, entry) }));
}

function isDue(feed: FeedState, entry: CollectionEntry, slot: Slot): boolean {
  return isSlotOf(slot, intervalOf(feed, entry));
}

async function entryAt(
  { collection, now }: Pick<AcquireDeps, 'collection' | 'now'>,
  slot: Slot,
): Promise<CollectionEntry | null> {
  const nowMs = now();
  const current = await collection.at(nowMs);
  const isRunning = nowMs >= slot && nowMs < slot + (current?.interval_minutes ?? 0) * 60_000;
  return isRunning ? current : collection.at(slot);
}

/**
 * Find the address and the secrets' names by which a feed is polled.
 *
 * @throws ApplicationFailure of type `misconfigured` when the feed is no longer collected, its source is unknown, or
 * neither the feed nor its source has an address, or this version can't use its authentication
 */
export async function addressOf(
  deps: AcquireDeps,
  input: PollInput,
): Promise<{ feed: FeedState; url: string; access: Access }> {
  const entry = await entryAt(deps, input.slot);
  const feed = entry?.feeds.find(({ name }) => name === input.feed);
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
  return { feed, url, access: accessOf(feed, url) };
}

function accessOf({ name, auth = [] }: FeedState, url: string): Access {
  try {
    return parseAccess(auth, url);
  } catch (error) {
    if (!(error instanceof InvalidAuth)) throw error;
    throw misconfigured(name, `${name}: its authentication can't be used: ${error.message}`);
  }
}
