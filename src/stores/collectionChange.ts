import { DEFAULT_FEEDS } from '../sources/chargecloud/feeds.js';
import type { Slice } from '../settings/slice.js';
import type { CollectionEntry, FeedState } from './collectionLog.js';

/** The settings that define the collection. */
export type CollectionSettings = Slice<
  'polling.feeds' | 'polling.feedsSetting' | 'polling.intervalMinutes'
>['polling'];

/** What is collected, and why it changed. */
export type Collection = Pick<CollectionEntry, 'feeds' | 'interval_minutes' | 'reason' | 'setting'>;

/** The source of feeds that are named without a source. */
export const DEFAULT_SOURCE = 'chargecloud';

/** Return the collection that the settings define: the first collection of a raw store. */
export function firstCollection(settings: CollectionSettings): Collection {
  return {
    reason: 'start',
    interval_minutes: settings.intervalMinutes,
    feeds: settings.feeds.map(newFeed),
    setting: settings.feedsSetting,
  };
}

/**
 * Compare the settings with the log's last entry. Returns the next entry's collection; null when nothing changes.
 *
 * A changed LADEPULS_FEEDS adds the feeds that it names now and did not name before, and removes the feeds that it
 * named before and does not name now. Feeds that commands added, removed or paused stay as they are, because the
 * setting never named them or names them as before.
 */
export function reconcileCollection(
  last: CollectionEntry | null,
  settings: CollectionSettings,
): Collection | null {
  if (last === null) return firstCollection(settings);
  const { feedsSetting, intervalMinutes } = settings;
  const isSettingNew = feedsSetting !== null && feedsSetting !== last.setting;
  if (!isSettingNew && intervalMinutes === last.interval_minutes) return null;
  return {
    reason: isSettingNew ? 'setting' : 'interval',
    interval_minutes: intervalMinutes,
    feeds: isSettingNew ? applySetting(last, settings.feeds) : last.feeds,
    setting: isSettingNew ? feedsSetting : last.setting,
  };
}

function applySetting({ feeds, setting }: CollectionEntry, named: readonly string[]): FeedState[] {
  const namedBefore = new Set(setting?.split(' ') ?? DEFAULT_FEEDS);
  const namedNow = new Set(named);
  const kept = feeds.filter(({ name }) => namedNow.has(name) || !namedBefore.has(name));
  const collected = new Set(kept.map(({ name }) => name));
  const added = named.filter((name) => !namedBefore.has(name) && !collected.has(name));
  return [...kept, ...added.map(newFeed)];
}

function newFeed(name: string): FeedState {
  return { name, source: DEFAULT_SOURCE, paused: false };
}

/**
 * Add a feed to the feeds.
 *
 * @throws RangeError when a feed of that name is already collected
 */
export function withFeed(feeds: FeedState[], feed: FeedState): FeedState[] {
  if (feeds.some(({ name }) => name === feed.name)) {
    throw new RangeError(
      `${feed.name} is already collected. Change it with "ladepuls feeds set ${feed.name}". To change its source, remove ` +
        `it with "ladepuls feeds remove ${feed.name}", then add it again.`,
    );
  }
  return [...feeds, feed];
}

/**
 * Remove feeds.
 *
 * @throws RangeError when one of the names is not collected
 */
export function withoutFeeds(feeds: FeedState[], names: string[]): FeedState[] {
  checkCollected(feeds, names);
  return feeds.filter(({ name }) => !names.includes(name));
}

/**
 * Pause or resume feeds.
 *
 * @throws RangeError when one of the names is not collected
 */
export function withPaused(feeds: FeedState[], names: string[], paused: boolean): FeedState[] {
  checkCollected(feeds, names);
  return feeds.map((feed) => (names.includes(feed.name) ? { ...feed, paused } : feed));
}

/** New values of a feed's members. A member that is undefined is removed. */
export type FeedChange = {
  [Member in 'url' | 'auth' | 'interval_minutes' | 'max_body_bytes']?: FeedState[Member];
};

/**
 * Change a feed. A member that is undefined is removed.
 *
 * @throws RangeError when no feed of that name is collected
 */
export function withChanged(feeds: FeedState[], name: string, change: FeedChange): FeedState[] {
  checkCollected(feeds, [name]);
  return feeds.map((feed) => {
    if (feed.name !== name) return feed;
    const members = Object.entries({ ...feed, ...change }).filter(([, value]) => value !== undefined);
    return Object.fromEntries(members) as FeedState;
  });
}

function checkCollected(feeds: FeedState[], names: string[]): void {
  const collected = new Set(feeds.map(({ name }) => name));
  const unknown = names.filter((name) => !collected.has(name));
  if (unknown.length === 0) return;
  throw new RangeError(
    `${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} not collected. "ladepuls feeds list" shows the collected feeds.`,
  );
}
