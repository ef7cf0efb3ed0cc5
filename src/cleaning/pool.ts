import type { FeedSize, FeedSlice } from '../domain/chunks.js';
import type { ExcludedSlots } from '../domain/corrections.js';
import type { Day } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import { type AnswerLimits, DEFAULT_LIMITS } from '../sources/answerLimits.js';
import type { SlotRange } from '../domain/slot.js';
import type { FlatSet } from '../stores/flat.js';
import type { Sealing } from '../stores/sealed/seal.js';
import type { FeedOutcome } from '../stores/slotRuns.js';
import type { FeedInventory } from './inventory.js';
import { memoryFor, Threads } from './threads.js';
import { compiledFile } from '../runtime/paths.js';

/** Input of a thread that cleans a feed slice. */
export interface CleanTask {
  set: FlatSet;
  /** The slots whose answers a correction excludes. */
  excluded: ExcludedSlots;
  /** The records that belong to another feed. */
  exclusions: Exclusions | null;
  /** Whether answers of a damaged sealed object count as unreadable. */
  acceptsDamage: boolean;
}

/**
 * A sealed object that can't be read, and why. It is a plain object, because an error loses its name when a thread
 * sends it.
 */
export interface Damage {
  damaged: string;
}

/** A feed, and the slots of the day whose answers a correction excludes. */
export interface CorrectedFeed {
  feed: string;
  excluded: ExcludedSlots;
}

/** Input of a thread that measures the answers of a day, or of a window of its slots. */
export interface MeasureTask {
  feeds: CorrectedFeed[];
  day: Day;
  window?: SlotRange | undefined;
}

/** A feed with the slices in which a load cleaned it. */
export interface InventoriedFeed extends CorrectedFeed {
  slices: FeedSlice[];
}

/** Input of a thread that takes inventories. */
export interface InventoryTask {
  day: Day;
  /** The slots of the load; infinite for a whole day. */
  window: SlotRange;
  feeds: InventoriedFeed[];
}

/** Input of a thread that seals a feed's day. */
export interface SealTask {
  feed: string;
  day: Day;
  /** Outcomes of the feed, from the records of the day's slot runs. */
  runOutcomes: FeedOutcome[];
}

/** Addresses of the stores. Each thread opens the stores itself. */
export interface CleanStores {
  rawUrl: string;
  flatUrl: string;
}

/** Data that every thread receives when it starts. */
export interface CleanerData extends CleanStores {
  limits: AnswerLimits;
}

/**
 * Threads that measure, clean, list and seal. A day takes seconds of CPU, which would delay heartbeats and polls on the
 * main thread.
 */
export interface Cleaner {
  /** Clean a feed slice. Returns why the slice can't be cleaned; null when it was cleaned. */
  clean: (task: CleanTask, signal: AbortSignal) => Promise<string | Damage | null>;
  /** Estimate the size of feeds' answers. Feeds without answers are omitted. */
  measure: (task: MeasureTask, signal: AbortSignal) => Promise<FeedSize[] | Damage>;
  /** Take inventories, in the order of the feeds. */
  takeInventories: (task: InventoryTask, signal: AbortSignal) => Promise<FeedInventory[] | Damage>;
  seal: (task: SealTask, signal: AbortSignal) => Promise<Sealing>;
  close(): Promise<void>;
}

const THREAD = compiledFile('cleaning/thread.js');

/**
 * Create a {@link Cleaner} with at most `threads` threads.
 *
 * @param limits limits of one answer; an answer that exceeds them counts as unreadable
 */
export function createCleaner(
  stores: CleanStores,
  threads: number,
  limits: AnswerLimits = DEFAULT_LIMITS,
): Cleaner {
  const workerData: CleanerData = { ...stores, limits };
  const pool = new Threads({ filename: THREAD, workerData, threads, memoryMb: memoryFor(limits) });
  return {
    clean: (task, signal) => pool.run(task, { signal, name: 'clean' }),
    measure: (task, signal) => pool.run(task, { signal, name: 'measure' }),
    takeInventories: (task, signal) => pool.run(task, { signal, name: 'inventories' }),
    seal: (task, signal) => pool.run(task, { signal, name: 'seal' }),
    close: () => pool.close(),
  };
}
