import pMap from 'p-map';
import type { Day } from '../domain/day.js';
import { parseRawKey, RAW_FOLDERS, type RawKind } from './rawObject.js';
import { parseSealedKey, sealedPrefix } from './sealed/sealedObject.js';
import { parseSlotRunKey } from './slotRuns.js';
import type { Store } from './store.js';

/** Requests to the store under way at once. */
const LISTINGS_AT_ONCE = 16;

/** What came of a day that may be newer than its load. */
export interface Arrivals {
  /** Feeds with good answers to look at; for those that are all sealed, the keys of the sealed objects. */
  polls: Map<string, string | null>;
  /** When the latest wrong answer or record of a slot run came; -Infinity where none is there apart from what is sealed. */
  othersMs: number;
  /** Whether slots of the day were run, and their records are not sealed. */
  hasRuns: boolean;
}

/** Which days are looked at, and how far back. */
export interface ArrivalWindow {
  isWanted: (day: Day) => boolean;
  /** Records of slot runs are looked at from this day on. */
  recordsFrom: Day;
  /** Sealed objects that came later are looked at. Milliseconds since the epoch. */
  sealedFromMs: number;
}

/**
 * Lists what of some days stands apart from the one sealed object that a loaded day of a feed is. It costs a listing of each
 * feed's folders and one of all that is sealed, and nothing for days that are as they were sealed.
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

/** Adds feeds' days with more than one sealed object, as after an import, and those that were sealed lately. */
async function addSealed(store: Store, window: ArrivalWindow, of: (day: Day) => Arrivals): Promise<void> {
  let last: { feed: string; day: Day; keys: string[]; latestMs: number } | null = null;
  const add = () => {
    if (last && (last.keys.length > 1 || last.latestMs >= window.sealedFromMs))
      of(last.day).polls.set(last.feed, last.keys.join(' '));
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
