import pMap from 'p-map';
import type { Day } from '../domain/day.js';
import { firstRaw, listRawDays, listRawFeeds } from './raw.js';
import { lastSlotRun } from './slotRuns.js';
import type { Store } from './store.js';

/** Summary of a raw store. */
export interface RawState {
  /** Number of feeds that ever gave an accepted answer. */
  feeds: number;
  /** First and last day with accepted answers; null when there are none. */
  firstDay: Day | null;
  lastDay: Day | null;
  /** The latest slot that the schedule polled; null when there is none. */
  lastRun: {
    /** In the form of keys: 20220111T2050Z. */
    slot: string;
    recordedAt: string;
    stored: number;
    /** Feeds without an accepted answer in that slot, with the reason. */
    notStored: Record<string, string>;
  } | null;
}

/** Feeds whose days are listed concurrently. */
const FEEDS_AT_ONCE = 16;

/** Summarise a raw store, mostly by listing folders. */
export async function readRawState(store: Store): Promise<RawState> {
  const feeds = await listRawFeeds(store, 'accepted');
  const polledDays = await pMap(feeds, (feed) => readPolledDays(store, feed), { concurrency: FEEDS_AT_ONCE });
  const polled = polledDays.filter((days) => days !== null);
  const run = await lastSlotRun(store);
  const notStored = run?.outcomes.filter(({ outcome }) => outcome !== 'stored') ?? [];
  return {
    feeds: polled.length,
    firstDay: polled.map(({ first }) => first).sort()[0] ?? null,
    lastDay:
      polled
        .map(({ last }) => last)
        .sort()
        .at(-1) ?? null,
    lastRun: run && {
      slot: run.slot,
      recordedAt: run.recorded_at,
      stored: run.outcomes.length - notStored.length,
      notStored: Object.fromEntries(notStored.map(({ feed, reason }) => [feed, reason ?? 'unknown'])),
    },
  };
}

/** Return the first and last day with accepted answers of a feed; null when there are none. */
async function readPolledDays(store: Store, feed: string): Promise<{ first: Day; last: Day } | null> {
  const days = await listRawDays(store, 'accepted', feed);
  const first = await firstPolled(store, feed, days);
  const last = await firstPolled(store, feed, days.toReversed());
  return first === null || last === null ? null : { first, last };
}

/** Return the first of `days` with an accepted answer. A sealed day may hold only rejected answers and outcomes. */
async function firstPolled(store: Store, feed: string, days: readonly Day[]): Promise<Day | null> {
  for (const day of days) if (await firstRaw(store, 'accepted', feed, day)) return day;
  return null;
}
