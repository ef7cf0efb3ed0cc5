import pMap from 'p-map';
import {
  type Coverage,
  countSlots,
  findGaps,
  type Gap,
  intervalsOf,
  type JudgedSlot,
  judgeSlots,
  type SlotInterval,
} from '../domain/coverage.js';
import { type Day, dayBounds } from '../domain/day.js';
import type { Slot } from '../domain/slot.js';
import { type Expectation, expectations } from './collectionLog.js';
import { readCorrections } from './corrections.js';
import { type FeedSlots, listFeedSlots } from './feedSlots.js';
import { listRawFeeds } from './raw.js';
import { withoutVanishing } from './sealed/generations.js';
import { atOnce, listRuns, readReasons, type CoverageWindow } from './slotReasons.js';
import type { Store } from './store.js';

/** The outcomes of a feed's slots on some days. */
export interface FeedCoverage {
  feed: string;
  days: ({ day: Day } & Coverage)[];
  total: Coverage;
  /** Gaps over all days together, because a gap may continue over midnight. */
  gaps: Gap[];
  /** The first and last expected slot; null when no slot is expected. */
  expected: { first: Slot; last: Slot } | null;
  intervals: SlotInterval[];
  /** Slots with an accepted answer in which the feed was not expected to be polled. */
  unexpected: number;
}

/**
 * Return which slots of some days were stored, failed or missed, for each feed, ordered by feed name. Lists the raw
 * store. Reads only the records of slots that are not stored, and the indexes of sealed days.
 *
 * A slot counts as stored when the folder of its answers exists, so that one request lists a day. At a `file:` address,
 * a writer that is killed between creating this folder and filling it leaves an empty folder.
 *
 * A slot whose answers a correction excludes counts as failed, with the reason `excluded`.
 *
 * @throws UnreadableObject when a correction can't be read, or the index of a sealed object is damaged and its day is
 * not excluded as a whole
 */
export async function readCoverage(store: Store, window: CoverageWindow): Promise<FeedCoverage[]> {
  return withoutVanishing(async () => {
    const { days, timeZone, nowMs } = window;
    const bounds = days.map((day) => ({ day, ...dayBounds(day, timeZone) }));
    const startMs = bounds[0]?.start ?? 0;
    const endMs = bounds.at(-1)?.end ?? 0;
    const runs = await listRuns(store, days); // before sealed objects: records are removed once sealed
    const stretches = byFeed(await expectations(store, { startMs, endMs }, timeZone));
    const names = [...new Set([...stretches.keys(), ...(await listRawFeeds(store, 'accepted'))])].sort();
    const corrections = await readCorrections(store);
    const list = (feed: string) => {
      const ofFeed = days.map((day) => ({ day, excluded: corrections.ofDay(feed, day, timeZone) }));
      return listFeedSlots(store, feed, ofFeed);
    };
    const listed = await pMap(names, list, atOnce(window));
    const read = listed.map((slots) => ({ ...slots, expected: stretches.get(slots.feed) ?? [] }));
    const reasons = await readReasons(store, read, runs, window);
    const covered = read.map((feed) => {
      const evidence = { ...feed, reasons: reasons.get(feed.feed) ?? new Map<Slot, string>() };
      const judged = judgeSlots(feed.expected, evidence, nowMs);
      return { ...coverFeed(feed, judged, bounds), intervals: intervalsOf(feed.expected) };
    });
    return covered.filter(({ total, unexpected }) => total.expected + unexpected > 0);
  });
}

function byFeed(stretches: Expectation[]): Map<string, Expectation[]> {
  const grouped = new Map<string, Expectation[]>();
  for (const stretch of stretches) {
    const known = grouped.get(stretch.feed);
    if (known) known.push(stretch);
    else grouped.set(stretch.feed, [stretch]);
  }
  return grouped;
}

function coverFeed(
  { feed, stored }: FeedSlots,
  judged: JudgedSlot[],
  bounds: { day: Day; start: number; end: number }[],
): Omit<FeedCoverage, 'intervals'> {
  const expected = new Set(judged.map(({ slot }) => slot));
  const [first, last] = [judged[0], judged.at(-1)];
  return {
    feed,
    days: bounds.map(({ day, start, end }) => ({
      day,
      ...countSlots(judged.filter(({ slot }) => slot >= start && slot < end)),
    })),
    total: countSlots(judged),
    gaps: findGaps(judged),
    expected: first && last ? { first: first.slot, last: last.slot } : null,
    unexpected: [...stored].filter((slot) => !expected.has(slot)).length,
  };
}
