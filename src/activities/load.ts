import { activityInfo, ApplicationFailure, cancellationSignal } from '@temporalio/activity';
import { leaveOutFeedDay } from '../cleaning/clean.js';
import type { CleanTask, Damage, MeasureTask } from '../cleaning/pool.js';
import {
  type Chunk,
  type ChunkSizes,
  describeSlice,
  type FeedSize,
  type FeedSlice,
  planChunks,
} from '../domain/chunks.js';
import { addDays, type Day, dayOf, parseDay } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import { batchesOf } from '../domain/batches.js';
import {
  type FlatSet,
  getExclusions,
  getManifest,
  getPlan,
  putExclusions,
  putPlan,
  removeLoad,
  removeStaleLoads,
} from '../stores/flat.js';
import { readCoverage } from '../stores/coverage.js';
import { listRawFeeds, UnreadableObject } from '../stores/raw.js';
import { ObjectNotFound, type Store } from '../stores/store.js';
import { type Load, LoadRefused, type Publication } from '../warehouse/warehouse.js';
import { awaitRebuild, type AwaitRebuildDeps } from './awaitRebuild.js';
import { beating, refusing } from './beating.js';
import { verifyInventory } from './inventory.js';
import { leftInventories, lostFeeds } from './lost.js';

/** Flat files of a load that did not end (its workflow was terminated) go when they are this old. */
const STALE_LOAD_MS = 24 * 3_600_000;
/** A slice is cleaned in a second or two. What takes so long will never end. */
const SLICE_TIMEOUT_MS = 10 * 60_000;
/** What one thread measures in one go, while others measure the next feeds. */
const FEEDS_MEASURED_AT_ONCE = 50;
/** A slice that can't be cleaned is tried so often. */
const CLEANING_ATTEMPTS = 3;
/** Details of a workflow name at most so many feeds. */
const NAMED_AT_MOST = 5;
/** How the reason of a slice that is left out stands in `ops.quarantine`. */
const LEFT_OUT = 'cleaning_failed';

export interface LoadDeps extends AwaitRebuildDeps {
  raw: Store;
  flat: Store;
  /** Cleans a slice off the event loop. Returns what is wrong with it where it can't be cleaned. */
  clean: (task: CleanTask, signal: AbortSignal) => Promise<string | Damage | null>;
  /** Finds out how large feeds' answers are, off the event loop. */
  measure: (task: MeasureTask, signal: AbortSignal) => Promise<FeedSize[] | Damage>;
  chunkSizes: ChunkSizes;
  /** Events go on over so many missing slots. */
  bridgedSlots: number;
  /** Whether a day in which a severe rule of quality fails is left unpublished. */
  refusesSevere: boolean;
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export type LoadPlanning = ({ day: Day } | { instantMs: number }) & { isRebuild: boolean };

/** What is to be done for a load. */
export interface OpenedLoad {
  feeds: number;
  chunks: number;
  /**
   * Of a rebuild: the feeds whose answers are gone from raw, in words. The day is then brought over from the published
   * warehouse, and has no chunks.
   */
  lost?: string;
}

/** A chunk of a load, by its number in the load's plan. */
export type ChunkOfLoad = Load & { chunk: number };

export type LoadActivities = ReturnType<typeof createLoadActivities>;

/** The activities of the workflow `loadDay`. Each may run again at any point, also beside itself. */
export function createLoadActivities(deps: LoadDeps) {
  const { raw, flat, warehouse } = deps;
  return {
    /**
     * The local day to load: the one given, or the one before an instant (milliseconds since the epoch); and whether
     * its facts have left for the archive. Waits until a warehouse of an earlier version is rebuilt.
     */
    planLoad: ({ isRebuild, ...plan }: LoadPlanning) =>
      beating(async (): Promise<{ day: Day; isArchived: boolean }> => {
        const day = plannedDay(plan, deps.timeZone);
        if (!isRebuild) await awaitRebuild(deps);
        return { day, isArchived: await warehouse.isArchived({ day, isRebuild }) };
      }),

    /**
     * Makes room for the load, and divides the day into chunks. Returns how many feeds and chunks there are. Waits until
     * a warehouse of an earlier version is rebuilt.
     */
    openLoad: (load: Load) =>
      beating(async (): Promise<OpenedLoad> => {
        if (!load.isRebuild) await awaitRebuild(deps);
        const lost = load.isRebuild ? await lostFeeds(deps, load.day) : [];
        if (lost.length > 0) await refusing(() => requireRestorable(deps, load));
        await refusing(() => warehouse.open(load));
        if (lost.length > 0) return { feeds: lost.length, chunks: 0, lost: describeFeeds(lost) };
        const plan = { chunks: planChunks(await sizesOfDay(deps, load), deps.chunkSizes, load.window) };
        const { chunks } = await putPlan(flat, load.day, load.run, plan);
        return { feeds: new Set(chunks.flat().map(({ feed }) => feed)).size, chunks: chunks.length };
      }),

    /**
     * Cleans a chunk's feed slices into flat files; `excluding` what {@link compareFeeds} found to be another feed's. A slice
     * that can't be cleaned does not keep the others from it; in the end its failure is reported as `CleaningFailed`.
     * A damaged sealed object fails the load as `SealedDamaged`: the day would be published emptier than it was. In a
     * rebuild, which would never end, its answers count as unreadable.
     */
    cleanChunk: ({ chunk, excluding, ...load }: ChunkOfLoad & { excluding: boolean }) =>
      beating(async (): Promise<void> => {
        const failures: string[] = [];
        for (const set of await setsOf(flat, load, chunk)) {
          const task = await taskOf(flat, set, { excluding, acceptsDamage: load.isRebuild === true });
          const failure = task && (await cleanOrTell(deps, task));
          if (failure) failures.push(`${describeSlice(set)} can't be cleaned: ${failure}`);
        }
        if (failures.length === 0) return;
        throw ApplicationFailure.create({
          type: 'CleaningFailed',
          message: failures.join('; '),
          nonRetryable: activityInfo().attempt >= CLEANING_ATTEMPTS,
        });
      }),

    /** Leaves out what of a chunk can't be cleaned, so that the rest can be published. Returns the names of those feed slices. */
    leaveOut: ({ chunk, excluding, ...load }: ChunkOfLoad & { excluding: boolean }) =>
      beating(async (): Promise<string[]> => {
        const slices: string[] = [];
        for (const set of await setsOf(flat, load, chunk)) {
          if (!(await taskOf(flat, set, { excluding, acceptsDamage: load.isRebuild === true }))) continue;
          await leaveOutFeedDay({ raw, flat }, set, LEFT_OUT);
          slices.push(describeSlice(set));
        }
        return slices;
      }),

    /** Copies the content spans of all feed slices to staging, and tells which chunks show what belongs to another feed. */
    compareFeeds: (load: Load) =>
      beating(async (): Promise<{ conflicting: number[] }> => {
        const { chunks } = await getPlan(flat, load.day, load.run);
        const conflicts = await refusing(() => warehouse.copyContentSpans(load, chunks.flat(), flat));
        for (const [feed, exclusions] of conflicts) {
          await putExclusions(flat, { day: load.day, load: load.run, feed }, exclusions satisfies Exclusions);
        }
        const isConflicting = (chunk: Chunk) => chunk.some(({ feed }) => conflicts.has(feed));
        return { conflicting: chunks.flatMap((chunk, number) => (isConflicting(chunk) ? [number] : [])) };
      }),

    /** Copies what a chunk's facts are made of aside. Returns how many facts that is. */
    copyChunk: ({ chunk, ...load }: ChunkOfLoad) =>
      beating(async () => {
        const slices = await slicesOf(flat, load, chunk);
        return refusing(() => warehouse.copyChunk(load, chunk, slices, flat));
      }),

    /** Finds out what became of every slot of the day in which a feed was to be polled. */
    coverDay: (load: Load) =>
      beating(async (): Promise<void> => {
        const { timeZone, now } = deps;
        const signal = cancellationSignal();
        const coverage = await readCoverage(raw, { days: [load.day], timeZone, nowMs: now(), signal });
        await warehouse.copyCoverage(load, coverage);
      }),

    /** Indexes what stands aside and verifies its promises. */
    checkLoad: (load: Load) =>
      beating(() => refusing(() => warehouse.check(load, { refusesSevere: deps.refusesSevere }))),

    /** Publishes the load, unless raw has changed since it was cleaned. */
    publishLoad: ({ reason, ...load }: Load & { reason: string }) =>
      beating(async (): Promise<Publication> => {
        const verify = () => verifyInventory(deps, load);
        const options = { timeZone: deps.timeZone, bridgedSlots: deps.bridgedSlots, reason, verify };
        const publication = await refusing(() => warehouse.publish(load, options));
        await removeStaleLoads(flat, load.day, load.run, deps.now() - STALE_LOAD_MS);
        return publication;
      }),

    /** Fills a load of a rebuild from the published warehouse, checks and publishes it: its answers are gone from raw. */
    bringOver: ({ reason, ...load }: Load & { reason: string }) =>
      beating(async (): Promise<Publication> => {
        const { timeZone, bridgedSlots } = deps;
        const verify = () => leftInventories(deps, load.day);
        return refusing(async () => {
          await warehouse.open(load);
          await warehouse.bringOver(load);
          // Readers have the day already, whatever its quality.
          await warehouse.check(load, { refusesSevere: false });
          return warehouse.publish(load, { timeZone, bridgedSlots, reason, verify });
        });
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

/** Throws LoadRefused where facts are to come back from the archive, which only raw could make anew. */
async function requireRestorable({ warehouse }: LoadDeps, load: Load): Promise<void> {
  if (load.withoutFacts || !(await warehouse.isArchived(load))) return;
  throw new LoadRefused(
    `${load.day}: its facts are in the archive, and answers of it are gone from the raw store, so they can't be restored. ` +
      'They stay in the archive with "ladepuls rebuild" without --restore.',
  );
}

/** @example 'bonn, koeln and 3 more feeds' */
function describeFeeds(feeds: readonly string[]): string {
  const more = feeds.length - NAMED_AT_MOST;
  return feeds.slice(0, NAMED_AT_MOST).join(', ') + (more > 0 ? ` and ${more} more feeds` : '');
}

async function slicesOf(flat: Store, load: Load, chunk: number): Promise<FeedSlice[]> {
  return (await getPlan(flat, load.day, load.run)).chunks[chunk] ?? [];
}

async function setsOf(flat: Store, load: Load, chunk: number): Promise<FlatSet[]> {
  return (await slicesOf(flat, load, chunk)).map((slice) => ({ day: load.day, load: load.run, ...slice }));
}

/** What is to be done for a slice; null where that is done, or, `excluding`, where nothing of it is another feed's. */
async function taskOf(
  flat: Store,
  set: FlatSet,
  { excluding, acceptsDamage }: { excluding: boolean; acceptsDamage: boolean },
): Promise<CleanTask | null> {
  if (!excluding)
    return (await ifThere(getManifest(flat, set))) ? null : { set, exclusions: null, acceptsDamage };
  const exclusions = await ifThere(getExclusions(flat, set));
  return exclusions && { set, exclusions, acceptsDamage };
}

/** Cleans a slice. Returns what is wrong with it where it can't be cleaned; whatever else fails, is thrown. */
async function cleanOrTell({ clean }: LoadDeps, task: CleanTask): Promise<string | null> {
  const cancelled = cancellationSignal();
  const timeout = AbortSignal.timeout(SLICE_TIMEOUT_MS);
  try {
    const failure = await clean(task, AbortSignal.any([cancelled, timeout]));
    if (failure !== null && typeof failure === 'object') throw sealedDamaged(failure);
    return failure;
  } catch (error) {
    if (error instanceof UnreadableObject) throw sealedDamaged({ damaged: error.message });
    if (cancelled.aborted) throw error;
    if (timeout.aborted) return `it takes more than ${SLICE_TIMEOUT_MS / 60_000} minutes`;
    const { code, message } = error as Error & { code?: string };
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') return message;
    throw error;
  }
}

async function sizesOfDay({ raw, measure }: LoadDeps, { day, window }: Load): Promise<FeedSize[]> {
  const feeds = await listRawFeeds(raw, 'polls');
  const signal = cancellationSignal();
  const tasks = batchesOf(feeds, FEEDS_MEASURED_AT_ONCE);
  const measured = tasks.map(async (some) => {
    const sizes = await measure({ feeds: some, day, window }, signal);
    if ('damaged' in sizes) throw sealedDamaged(sizes);
    return sizes;
  });
  return (await Promise.all(measured)).flat();
}

/** Trying again does not help until somebody has acted. */
function sealedDamaged({ damaged }: Damage): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${damaged}. The day stays as it was published.`, 'SealedDamaged');
}

async function ifThere<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}
