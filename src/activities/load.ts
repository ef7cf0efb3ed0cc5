import { activityInfo, ApplicationFailure, cancellationSignal } from '@temporalio/activity';
import { leaveOutFeedDay } from '../cleaning/clean.js';
import type { CleanTask, MeasureTask } from '../cleaning/pool.js';
import {
  type Chunk,
  type ChunkSizes,
  describePart,
  type FeedSize,
  type Part,
  planChunks,
} from '../domain/chunks.js';
import { addDays, type Day, dayOf, parseDay } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import { slicesOf } from '../domain/slices.js';
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
import { listRawFeeds } from '../stores/raw.js';
import { ObjectNotFound, type Store } from '../stores/store.js';
import type { Load, Publication, Warehouse } from '../warehouse/warehouse.js';
import { beating, refusing } from './beating.js';
import { verifyInventory } from './inventory.js';

/** Flat files of a load that did not end (its workflow was terminated) go when they are this old. */
const STALE_LOAD_MS = 24 * 3_600_000;
/** A part is cleaned in a second or two. What takes so long will never end. */
const PART_TIMEOUT_MS = 10 * 60_000;
/** What one thread measures in one go, while others measure the next feeds. */
const FEEDS_MEASURED_AT_ONCE = 50;
/** A part that can't be cleaned is tried so often. */
const CLEANING_ATTEMPTS = 3;
/** How the reason of a part that is left out stands in `ops.quarantine`. */
const LEFT_OUT = 'cleaning_failed';

export interface LoadDeps {
  raw: Store;
  flat: Store;
  warehouse: Warehouse;
  /** Cleans a part off the event loop. Returns what is wrong with it where it can't be cleaned. */
  clean: (task: CleanTask, signal: AbortSignal) => Promise<string | null>;
  /** Finds out how large feeds' answers are, off the event loop. */
  measure: (task: MeasureTask, signal: AbortSignal) => Promise<FeedSize[]>;
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

/** A chunk of a load, by its number in the load's plan. */
export type ChunkOfLoad = Load & { chunk: number };

export type LoadActivities = ReturnType<typeof createLoadActivities>;

/** The activities of the workflow `loadDay`. Each may run again at any point, also beside itself. */
export function createLoadActivities(deps: LoadDeps) {
  const { raw, flat, warehouse } = deps;
  return {
    /**
     * The local day to load: the one given, or the one before an instant (milliseconds since the epoch); and whether
     * its facts have left for the archive.
     */
    planLoad: ({ isRebuild, ...plan }: LoadPlanning) =>
      beating(async (): Promise<{ day: Day; isArchived: boolean }> => {
        const day = plannedDay(plan, deps.timeZone);
        return { day, isArchived: await warehouse.isArchived({ day, isRebuild }) };
      }),

    /** Makes room for the load, and divides the day into chunks. Returns how many feeds and chunks there are. */
    openLoad: (load: Load) =>
      beating(async (): Promise<{ feeds: number; chunks: number }> => {
        await refusing(() => warehouse.open(load));
        const plan = { chunks: planChunks(await sizesOfDay(deps, load), deps.chunkSizes, load.window) };
        const { chunks } = await putPlan(flat, load.day, load.run, plan);
        return { feeds: new Set(chunks.flat().map(({ feed }) => feed)).size, chunks: chunks.length };
      }),

    /**
     * Cleans a chunk's parts into flat files; `excluding` what {@link compareFeeds} found to be another feed's. A part
     * that can't be cleaned does not keep the others from it; in the end its failure is reported as `CleaningFailed`.
     */
    cleanChunk: ({ chunk, excluding, ...load }: ChunkOfLoad & { excluding: boolean }) =>
      beating(async (): Promise<void> => {
        const failures: string[] = [];
        for (const set of await setsOf(flat, load, chunk)) {
          const task = await taskOf(flat, set, excluding);
          const failure = task && (await cleanOrTell(deps, task));
          if (failure) failures.push(`${describePart(set)} can't be cleaned: ${failure}`);
        }
        if (failures.length === 0) return;
        throw ApplicationFailure.create({
          type: 'CleaningFailed',
          message: failures.join('; '),
          nonRetryable: activityInfo().attempt >= CLEANING_ATTEMPTS,
        });
      }),

    /** Leaves out what of a chunk can't be cleaned, so that the rest can be published. Returns its parts by name. */
    leaveOut: ({ chunk, excluding, ...load }: ChunkOfLoad & { excluding: boolean }) =>
      beating(async (): Promise<string[]> => {
        const parts: string[] = [];
        for (const set of await setsOf(flat, load, chunk)) {
          if (!(await taskOf(flat, set, excluding))) continue;
          await leaveOutFeedDay({ raw, flat }, set, LEFT_OUT);
          parts.push(describePart(set));
        }
        return parts;
      }),

    /** Copies the runs of all parts aside, and tells which chunks show what belongs to another feed. */
    compareFeeds: (load: Load) =>
      beating(async (): Promise<{ conflicting: number[] }> => {
        const { chunks } = await getPlan(flat, load.day, load.run);
        const conflicts = await refusing(() => warehouse.copyRuns(load, chunks.flat(), flat));
        for (const [feed, exclusions] of conflicts) {
          await putExclusions(flat, { day: load.day, load: load.run, feed }, exclusions satisfies Exclusions);
        }
        const isConflicting = (chunk: Chunk) => chunk.some(({ feed }) => conflicts.has(feed));
        return { conflicting: chunks.flatMap((chunk, number) => (isConflicting(chunk) ? [number] : [])) };
      }),

    /** Copies what a chunk's facts are made of aside. Returns how many facts that is. */
    copyChunk: ({ chunk, ...load }: ChunkOfLoad) =>
      beating(async () => {
        const parts = await partsOf(flat, load, chunk);
        return refusing(() => warehouse.copyChunk(load, chunk, parts, flat));
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

async function partsOf(flat: Store, load: Load, chunk: number): Promise<Part[]> {
  return (await getPlan(flat, load.day, load.run)).chunks[chunk] ?? [];
}

async function setsOf(flat: Store, load: Load, chunk: number): Promise<FlatSet[]> {
  return (await partsOf(flat, load, chunk)).map((part) => ({ day: load.day, load: load.run, ...part }));
}

/** What is to be done for a part; null where that is done, or, `excluding`, where nothing of it is another feed's. */
async function taskOf(flat: Store, set: FlatSet, excluding: boolean): Promise<CleanTask | null> {
  if (!excluding) return (await ifThere(getManifest(flat, set))) ? null : { set, exclusions: null };
  const exclusions = await ifThere(getExclusions(flat, set));
  return exclusions && { set, exclusions };
}

/** Cleans a part. Returns what is wrong with it where it can't be cleaned; whatever else fails, is thrown. */
async function cleanOrTell({ clean }: LoadDeps, task: CleanTask): Promise<string | null> {
  const cancelled = cancellationSignal();
  const timeout = AbortSignal.timeout(PART_TIMEOUT_MS);
  try {
    return await clean(task, AbortSignal.any([cancelled, timeout]));
  } catch (error) {
    if (cancelled.aborted) throw error;
    if (timeout.aborted) return `it takes more than ${PART_TIMEOUT_MS / 60_000} minutes`;
    const { code, message } = error as Error & { code?: string };
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') return message;
    throw error;
  }
}

async function sizesOfDay({ raw, measure }: LoadDeps, { day, window }: Load): Promise<FeedSize[]> {
  const feeds = await listRawFeeds(raw, 'polls');
  const signal = cancellationSignal();
  const tasks = slicesOf(feeds, FEEDS_MEASURED_AT_ONCE);
  return (await Promise.all(tasks.map((some) => measure({ feeds: some, day, window }, signal)))).flat();
}

async function ifThere<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}
