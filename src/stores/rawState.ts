import pMap from 'p-map';
import type { Day } from '../domain/day.js';
import { firstRaw, listRawDays, listRawFeeds } from './raw.js';
import { lastSlotRun } from './slotRuns.js';
import type { Store } from './store.js';

/** What a raw store holds. */
export interface RawState {
  /** How many feeds ever gave a good answer. */
  feeds: number;
  /** The days of which there are good answers; null where there is none. */
  firstDay: Day | null;
  lastDay: Day | null;
  /** The latest slot that was polled by a schedule; null where none was. */
  lastRun: {
    /** As in keys: 20220111T2050Z. */
    slot: string;
    recordedAt: string;
    stored: number;
    /** The feeds without a good answer, each with its reason. */
    notStored: Record<string, string>;
  } | null;
}

/** Requests to the store under way at once. */
const FEEDS_AT_ONCE = 16;

/** Looks up what a raw store holds, mostly by listing folders. */
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

/** The first and the last day of which a feed has good answers; null where it has none. */
async function readPolledDays(store: Store, feed: string): Promise<{ first: Day; last: Day } | null> {
  const days = await listRawDays(store, 'accepted', feed);
  const first = await firstPolled(store, feed, days);
  const last = await firstPolled(store, feed, days.toReversed());
  return first === null || last === null ? null : { first, last };
}

/** A day that is sealed may hold nothing but wrong answers and outcomes. */
async function firstPolled(store: Store, feed: string, days: readonly Day[]): Promise<Day | null> {
  for (const day of days) if (await firstRaw(store, 'accepted', feed, day)) return day;
  return null;
}
