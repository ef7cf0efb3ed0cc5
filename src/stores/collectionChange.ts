import { DEFAULT_FEEDS } from '../sources/chargecloud/feeds.js';
import type { Slice } from '../settings/slice.js';
import type { CollectionEntry, FeedState } from './collectionLog.js';

/** What the settings say of the collection. */
export type CollectionSettings = Slice<
  'polling.feeds' | 'polling.feedsSetting' | 'polling.intervalMinutes'
>['polling'];

/** What is collected, and why it changed. */
export type Collection = Pick<CollectionEntry, 'feeds' | 'interval_minutes' | 'reason' | 'setting'>;

/** The source of feeds that are named without one. */
export const DEFAULT_SOURCE = 'chargecloud';

/** The collection as the settings alone have it: the first one of a raw store. */
export function firstCollection(settings: CollectionSettings): Collection {
  return {
    reason: 'start',
    interval_minutes: settings.intervalMinutes,
    feeds: settings.feeds.map(newFeed),
    setting: settings.feedsSetting,
  };
}

/**
 * The collection that the log must go on with, by its last entry and the settings; null where nothing changes.
 *
 * A changed LADEPULS_FEEDS adds the feeds that it names newly and removes those that it names no longer. What was
 * added, removed or paused by a command stays so: the setting never named it, or names it as before.
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

/** The feeds with a further one. Throws a RangeError where one of that name is collected already. */
export function withFeed(feeds: FeedState[], feed: FeedState): FeedState[] {
  if (feeds.some(({ name }) => name === feed.name)) {
    throw new RangeError(
      `${feed.name} is collected already: to change its source or address, remove it first.`,
    );
  }
  return [...feeds, feed];
}

/** The feeds without some. Throws a RangeError where one of these is not collected. */
export function withoutFeeds(feeds: FeedState[], names: string[]): FeedState[] {
  checkCollected(feeds, names);
  return feeds.filter(({ name }) => !names.includes(name));
}

/** The feeds, some of them paused or resumed. Throws a RangeError where one of these is not collected. */
export function withPaused(feeds: FeedState[], names: string[], paused: boolean): FeedState[] {
  checkCollected(feeds, names);
  return feeds.map((feed) => (names.includes(feed.name) ? { ...feed, paused } : feed));
}

function checkCollected(feeds: FeedState[], names: string[]): void {
  const collected = new Set(feeds.map(({ name }) => name));
  const unknown = names.filter((name) => !collected.has(name));
  if (unknown.length === 0) return;
  throw new RangeError(
    `${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} not collected: "ladepuls feeds list" shows what is.`,
  );
}
