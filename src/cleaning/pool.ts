import type { FeedSize, FeedSlice } from '../domain/chunks.js';
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

/** What a thread is told to clean. */
export interface CleanTask {
  set: FlatSet;
  exclusions: Exclusions | null;
  /** Whether answers of a damaged sealed object count as unreadable. */
  acceptsDamage: boolean;
}

/** A sealed object that can't be read: which, and why. Errors lose their names on the way from a thread. */
export interface Damage {
  damaged: string;
}

/** What a thread is told to measure: the answers of a day, or of some slots of it. */
export interface MeasureTask {
  feeds: string[];
  day: Day;
  window?: SlotRange | undefined;
}

/** What a thread is told to take the inventories of: feeds with the slices that a load was cleaned in. */
export interface InventoryTask {
  day: Day;
  /** The slots of the load; infinite for a whole day. */
  window: SlotRange;
  feeds: { feed: string; slices: FeedSlice[] }[];
}

/** What a thread is told to seal. */
export interface SealTask {
  feed: string;
  day: Day;
  /** What the records of the day's slot runs say of the feed. */
  runOutcomes: FeedOutcome[];
}

/** Where the threads find their stores: each opens them itself. */
export interface CleanStores {
  rawUrl: string;
  flatUrl: string;
}

/** What every thread knows. */
export interface CleanerData extends CleanStores {
  limits: AnswerLimits;
}

/** Threads that measure, clean, list and seal: a day takes seconds of CPU, for which heartbeats and polls can't wait. */
export interface Cleaner {
  /** Returns what is wrong with the feed slice where it can't be cleaned. */
  clean: (task: CleanTask, signal: AbortSignal) => Promise<string | Damage | null>;
  /** Feeds without answers are left out. */
  measure: (task: MeasureTask, signal: AbortSignal) => Promise<FeedSize[] | Damage>;
  /** In the order of the feeds. */
  takeInventories: (task: InventoryTask, signal: AbortSignal) => Promise<FeedInventory[] | Damage>;
  seal: (task: SealTask, signal: AbortSignal) => Promise<Sealing>;
  close(): Promise<void>;
}

const THREAD = compiledFile('cleaning/thread.js');

/** @param limits of an answer that is read; one with more counts as unreadable */
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
