import pMap from 'p-map';
import { addDays, type Day, dayBounds, dayOf } from '../domain/day.js';
import { type Slot, slotOf, type SlotRange } from '../domain/slot.js';
import type { Fields } from '../settings/slice.js';
import { listAccepted, listRawFeeds, type StoredAnswer } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import { awaitRebuild, type AwaitRebuildDeps } from './awaitRebuild.js';
import { LISTINGS_AT_ONCE } from '../cleaning/measure.js';
import { type ExcludedOf, readExcluded } from './corrections.js';
import { isBuiltFrom } from './inventory.js';

/** Dependencies of the activity of the workflow `loadRecent`. */
export interface RecentDeps extends AwaitRebuildDeps, Fields<'general.timeZone' | 'polling.intervalMinutes'> {
  raw: Store;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Work of a load during the day. */
export interface RecentLoad {
  day: Day;
  /** First instant of the day, in milliseconds since the epoch. */
  dayStart: number;
  /** Slots to load; their polls are over. */
  window: SlotRange;
  /** Revision of the day to which the window is added. Without it, the window replaces the day. */
  addsTo?: number;
}

/**
 * Return the windows of yesterday and today that were polled since the last publication. When earlier answers of a day
 * have changed since it was loaded, or were excluded, its window is the whole day up to now. Waits until a warehouse of
 * an earlier version is rebuilt.
 */
export async function planRecent(deps: RecentDeps): Promise<RecentLoad[]> {
  await awaitRebuild(deps);
  const until = slotOf(deps.now(), deps.intervalMinutes);
  const today = dayOf(until, deps.timeZone);
  const loads = [await planEnd(deps, addDays(today, -1)), await planDay(deps, today, until)];
  return loads.filter((load) => load !== null);
}

/**
 * Return the window at the end of a past day that is not loaded yet. A day that was never loaded during the day is left
 * to the nightly load.
 */
async function planEnd(deps: RecentDeps, day: Day): Promise<RecentLoad | null> {
  const { end } = dayBounds(day, deps.timeZone);
  const published = await deps.warehouse.publishedDay(day);
  return (published?.loadedUntil ?? Infinity) < end ? planDay(deps, day, end) : null;
}

async function planDay(deps: RecentDeps, day: Day, until: Slot): Promise<RecentLoad | null> {
  const { start } = dayBounds(day, deps.timeZone);
  const published = await deps.warehouse.publishedDay(day);
  if (until <= start || (published === null && (await deps.warehouse.isArchived({ day })))) return null;
  const excludedOf = await readExcluded(deps);
  const answers = await listDay(deps.raw, day, excludedOf);
  const hasAnswers = ({ window }: RecentLoad) =>
    [...answers.values()].flat().some(({ slot }) => slot >= window.from && slot < window.to);
  const whole = { day, dayStart: start, window: { from: start, to: until } };
  if (published === null || published.loadedUntil === null) return hasAnswers(whole) ? whole : null;
  const { loadedUntil: from, revision: addsTo } = published;
  const feeds = new Set([...answers.keys(), ...published.inventories.keys()]);
  const isAddable = [...feeds].every((feed) =>
    isBuiltFrom(published, feed, answers.get(feed) ?? [], { before: from, excluded: excludedOf(feed, day) }),
  );
  if (!isAddable) return whole;
  const addition = { ...whole, window: { from, to: until }, addsTo };
  return hasAnswers(addition) ? addition : null;
}

/** List the accepted answers of a day, by feed. */
async function listDay(raw: Store, day: Day, excludedOf: ExcludedOf): Promise<Map<string, StoredAnswer[]>> {
  const list = async (feed: string) =>
    [feed, await listAccepted(raw, feed, day, excludedOf(feed, day))] as const;
  const feeds = await listRawFeeds(raw, 'accepted');
  return new Map(await pMap(feeds, list, { concurrency: LISTINGS_AT_ONCE }));
}
