import type { Day } from '../domain/day.js';
import { listRawDays, listRawFeeds } from './raw.js';
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

/** Looks up what a raw store holds, mostly by listing folders. */
export async function readRawState(store: Store): Promise<RawState> {
  const feeds = await listRawFeeds(store, 'polls');
  const days = (await Promise.all(feeds.map((feed) => listRawDays(store, 'polls', feed)))).flat().sort();
  const run = await lastSlotRun(store);
  const notStored = run?.outcomes.filter(({ outcome }) => outcome !== 'stored') ?? [];
  return {
    feeds: feeds.length,
    firstDay: days[0] ?? null,
    lastDay: days.at(-1) ?? null,
    lastRun: run && {
      slot: run.slot,
      recordedAt: run.recorded_at,
      stored: run.outcomes.length - notStored.length,
      notStored: Object.fromEntries(notStored.map(({ feed, reason }) => [feed, reason ?? 'unknown'])),
    },
  };
}
