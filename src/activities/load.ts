import { ApplicationFailure, cancellationSignal } from '@temporalio/activity';
import pMap from 'p-map';
import type { CleanTask } from '../cleaning/pool.js';
import { inventoryDigest } from '../cleaning/clean.js';
import { addDays, type Day, dayOf, parseDay } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import {
  type FlatManifest,
  getExclusions,
  getManifest,
  listLoadFeeds,
  putExclusions,
  removeLoad,
  removeStaleLoads,
} from '../stores/flat.js';
import { readCoverage } from '../stores/coverage.js';
import { firstRaw, listRawFeeds } from '../stores/raw.js';
import { ObjectNotFound, type Store } from '../stores/store.js';
import type { Load, Publication, Warehouse } from '../warehouse/warehouse.js';
import { beating, refusing } from './beating.js';

/** Each may hold the window of a sealed object. */
const LISTINGS_AT_ONCE = 4;
/** Flat files of a load that did not end (its workflow was terminated) go when they are this old. */
const STALE_LOAD_MS = 24 * 3_600_000;

export interface LoadDeps {
  raw: Store;
  flat: Store;
  warehouse: Warehouse;
  /** Cleans a feed's day off the event loop. */
  clean: (task: CleanTask, signal: AbortSignal) => Promise<FlatManifest>;
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export type LoadPlan = ({ day: Day } | { instantMs: number }) & { isRebuild: boolean };

export type LoadActivities = ReturnType<typeof createLoadActivities>;

/** The activities of the workflow `loadDay`. Each may run again at any point, also beside itself. */
export function createLoadActivities(deps: LoadDeps) {
  const { raw, flat, warehouse } = deps;
  return {
    /**
     * The local day to load: the one given, or the one before an instant (milliseconds since the epoch); and whether
     * its facts have left for the archive.
     */
    planLoad: ({ isRebuild, ...plan }: LoadPlan) =>
      beating(async (): Promise<{ day: Day; isArchived: boolean }> => {
        const day = plannedDay(plan, deps.timeZone);
        return { day, isArchived: await warehouse.isArchived({ day, isRebuild }) };
      }),

    /** Makes room for the load, and tells which feeds have answers of the day. */
    openLoad: (load: Load) =>
      beating(async (): Promise<{ feeds: string[] }> => {
        await warehouse.open(load);
        return { feeds: await feedsOfDay(raw, load.day) };
      }),

    /** Cleans a feed's day into flat files; `excluding` what {@link compareFeeds} found to be another feed's. */
    cleanFeed: ({ feed, excluding, ...load }: Load & { feed: string; excluding: boolean }) =>
      beating(async (): Promise<FlatManifest['rows']> => {
        const set = { day: load.day, load: load.run, feed };
        const exclusions = excluding ? await getExclusions(flat, set) : null;
        const done = excluding ? null : await manifestIfThere(flat, set);
        return (done ?? (await deps.clean({ set, exclusions }, cancellationSignal()))).rows;
      }),

    /** Copies the runs of all feeds aside, and tells which feeds show what belongs to another. */
    compareFeeds: (load: Load) =>
      beating(async (): Promise<{ conflicting: string[] }> => {
        const feeds = await listLoadFeeds(flat, load.day, load.run);
        const conflicts = await refusing(() => warehouse.copyRuns(load, feeds, flat));
        for (const [feed, exclusions] of conflicts) {
          await putExclusions(flat, { day: load.day, load: load.run, feed }, exclusions satisfies Exclusions);
        }
        return { conflicting: [...conflicts.keys()] };
      }),

    /** Copies a feed's facts aside. Returns how many. */
    copyFeed: ({ feed, ...load }: Load & { feed: string }) =>
      beating(() => refusing(() => warehouse.copyFacts(load, feed, flat))),

    /** Finds out what became of every slot of the day in which a feed was to be polled. */
    coverDay: (load: Load) =>
      beating(async (): Promise<void> => {
        const { timeZone, now } = deps;
        const signal = cancellationSignal();
        const coverage = await readCoverage(raw, { days: [load.day], timeZone, nowMs: now(), signal });
        await warehouse.copyCoverage(load, coverage);
      }),

    /** Indexes what stands aside and verifies its promises. */
    checkLoad: (load: Load) => beating(() => refusing(() => warehouse.check(load))),

    /** Publishes the load, unless raw has changed since it was cleaned. */
    publishLoad: ({ reason, ...load }: Load & { reason: string }) =>
      beating(async (): Promise<Publication> => {
        const verify = () => verifyInventory(deps, load);
        const publication = await warehouse.publish(load, { timeZone: deps.timeZone, reason, verify });
        await removeStaleLoads(flat, load.day, load.run, deps.now() - STALE_LOAD_MS);
        return publication;
      }),

    /** Removes what a load that failed has left. */
    discardLoad: (load: Load) =>
      beating(async (): Promise<void> => {
        await warehouse.discard(load);
        await removeLoad(flat, load.day, load.run);
      }),
  };
}

function plannedDay(plan: { day: Day } | { instantMs: number }, timeZone: string): Day {
  if (!('day' in plan)) return addDays(dayOf(plan.instantMs, timeZone), -1);
  try {
    return parseDay(plan.day);
  } catch (error) {
    throw ApplicationFailure.nonRetryable((error as Error).message, 'NoDay');
  }
}

/** The feeds that have answers of the day, those of the largest answers first: what takes longest must not begin last. */
async function feedsOfDay(raw: Store, day: Day): Promise<string[]> {
  const feeds = await listRawFeeds(raw, 'polls');
  const firsts = await pMap(feeds, (feed) => firstRaw(raw, 'polls', feed, day), {
    concurrency: LISTINGS_AT_ONCE,
  });
  return firsts
    .filter((first) => first !== null)
    .sort((a, b) => b.size - a.size)
    .map(({ feed }) => feed);
}

async function verifyInventory(deps: LoadDeps, load: Load): Promise<void> {
  const { raw, flat } = deps;
  const [now, then] = await Promise.all([feedsOfDay(raw, load.day), listLoadFeeds(flat, load.day, load.run)]);
  const feeds = new Set([...now, ...then]);
  await pMap(feeds, (feed) => verifyFeed(deps, load, feed), { concurrency: LISTINGS_AT_ONCE });
}

async function verifyFeed({ raw, flat }: LoadDeps, load: Load, feed: string): Promise<void> {
  const manifest = await manifestIfThere(flat, { day: load.day, load: load.run, feed });
  if (manifest?.inventory === (await inventoryDigest(raw, feed, load.day))) return;
  throw ApplicationFailure.nonRetryable(
    `answers of ${feed} came or went while ${load.day} was being loaded: it is cleaned again`,
    'InventoryChanged',
  );
}

async function manifestIfThere(
  flat: Store,
  set: { day: Day; load: string; feed: string },
): Promise<FlatManifest | null> {
  try {
    return await getManifest(flat, set);
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}
