import pMap from 'p-map';
import type { Day } from '../domain/day.js';
import { parseRawKey, RAW_FOLDERS, type RawKind } from './rawObject.js';
import { parseSealedKey, sealedPrefix } from './sealed/sealedObject.js';
import { parseSlotRunKey } from './slotRuns.js';
import type { Store } from './store.js';

/** Concurrent requests to the store. */
const LISTINGS_AT_ONCE = 16;

/** Objects of a day that may be newer than the day's load. */
export interface Arrivals {
  /**
   * Feeds whose accepted answers must be compared with the load. The value is null for a feed with unsealed answers,
   * else the keys of its sealed objects and the ids of its corrections.
   */
  polls: Map<string, string | null>;
  /**
   * Modification time of the latest rejected answer or slot run record that is not sealed, in milliseconds since the
   * epoch; -Infinity when there is none.
   */
  othersMs: number;
  /** Whether the day has slot run records that are not sealed. */
  hasRuns: boolean;
}

/** The days to list, and how far back. */
export interface ArrivalWindow {
  isWanted: (day: Day) => boolean;
  /** First day whose slot run records are listed. */
  recordsFrom: Day;
  /** Sealed objects modified at or after this instant are listed. Milliseconds since the epoch. */
  sealedFromMs: number;
  /** Return the ids of the corrections that cover a part of a feed's day. Such a feed's day is listed. */
  correctionsOf: (feed: string, day: Day) => readonly string[];
}

/**
 * List objects of some days that may have arrived after the days were loaded. A loaded and sealed day normally has one
 * sealed object per feed; everything else is listed. Costs a listing of each feed's folders and a listing of all sealed
 * objects, but no request for a day that has not changed since it was sealed. A day with corrections is always listed,
 * because a correction may come at any time after the day was sealed.
 */
export async function listArrivals(store: Store, window: ArrivalWindow): Promise<Map<Day, Arrivals>> {
  const found = new Map<Day, Arrivals>();
  const of = (day: Day): Arrivals => {
    const known = found.get(day) ?? {
      polls: new Map<string, string | null>(),
      othersMs: -Infinity,
      hasRuns: false,
    };
    found.set(day, known);
    return known;
  };
  await addSealed(store, window, of);
  for (const { feed, day } of await listFeedDays(store, 'accepted', window)) of(day).polls.set(feed, null);
  await pMap(
    await listFeedDays(store, 'rejected', window),
    async ({ feed, day }) => {
      for await (const { key, modifiedMs } of store.list(`${RAW_FOLDERS.rejected}/${feed}/${day}/`))
        if (parseRawKey(key)) of(day).othersMs = Math.max(of(day).othersMs, modifiedMs);
    },
    { concurrency: LISTINGS_AT_ONCE },
  );
  const days = (await store.listFolders('runs/')).filter(window.isWanted);
  for (const day of days.filter((each) => each >= window.recordsFrom)) {
    for await (const { key, modifiedMs } of store.list(`runs/${day}/`)) {
      if (!parseSlotRunKey(key)) continue;
      of(day).hasRuns = true;
      of(day).othersMs = Math.max(of(day).othersMs, modifiedMs);
    }
  }
  return found;
}

async function listFeedDays(
  store: Store,
  kind: RawKind,
  { isWanted }: ArrivalWindow,
): Promise<{ feed: string; day: Day }[]> {
  const feeds = await store.listFolders(`${RAW_FOLDERS[kind]}/`);
  const listed = await pMap(
    feeds,
    async (feed) =>
      (await store.listFolders(`${RAW_FOLDERS[kind]}/${feed}/`))
        .filter(isWanted)
        .map((day) => ({ feed, day })),
    { concurrency: LISTINGS_AT_ONCE },
  );
  return listed.flat();
}

/**
 * Add the feeds and days with several sealed objects, such as after an import, with a recent sealed object, or with
 * corrections.
 */
async function addSealed(store: Store, window: ArrivalWindow, of: (day: Day) => Arrivals): Promise<void> {
  let last: { feed: string; day: Day; keys: string[]; latestMs: number } | null = null;
  const add = () => {
    if (last === null) return;
    const corrections = window.correctionsOf(last.feed, last.day);
    if (last.keys.length > 1 || last.latestMs >= window.sealedFromMs || corrections.length > 0)
      of(last.day).polls.set(last.feed, [...last.keys, ...corrections].join(' '));
  };
  for await (const { key, modifiedMs } of store.list(sealedPrefix())) {
    const parsed = parseSealedKey(key);
    if (parsed === null || !window.isWanted(parsed.day)) continue;
    if (last?.feed === parsed.feed && last.day === parsed.day) {
      last.keys.push(key);
      last.latestMs = Math.max(last.latestMs, modifiedMs);
    } else {
      add();
      last = { ...parsed, keys: [key], latestMs: modifiedMs };
    }
  }
  add();
}
