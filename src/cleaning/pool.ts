import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { FeedSize } from '../domain/chunks.js';
import type { Day } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import type { SlotRange } from '../domain/slot.js';
import type { FlatSet } from '../stores/flat.js';
import type { Sealing } from '../stores/sealed/seal.js';
import type { FeedOutcome } from '../stores/slotRuns.js';

/** What a thread is told to clean. */
export interface CleanTask {
  set: FlatSet;
  exclusions: Exclusions | null;
}

/** What a thread is told to measure: the answers of a day, or of some slots of it. */
export interface MeasureTask {
  feeds: string[];
  day: Day;
  window?: SlotRange | undefined;
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

/** Threads that measure, clean and seal: a day takes seconds of CPU, for which heartbeats and polls can't wait. */
export interface Cleaner {
  /** Returns what is wrong with the part where it can't be cleaned. */
  clean: (task: CleanTask, signal: AbortSignal) => Promise<string | null>;
  /** Feeds without answers are left out. */
  measure: (task: MeasureTask, signal: AbortSignal) => Promise<FeedSize[]>;
  seal: (task: SealTask, signal: AbortSignal) => Promise<Sealing>;
  close(): Promise<void>;
}

/** Threads run compiled code; from src/ (in tests) they are found in dist/. */
const THREAD = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/cleaning/thread.js' : './thread.js', import.meta.url),
);

/** A third of V8's default, which costs some time and saves 100 MB over two threads: bodies die young and are many. */
const YOUNG_GENERATION_MB = 16;
/** Several times what a part takes. Of a heap that may grow to gigabytes, V8 collects little before it has grown fourfold. */
const OLD_GENERATION_MB = 1024;

export function createCleaner(stores: CleanStores, threads: number): Cleaner {
  const pool = new Piscina({
    filename: THREAD,
    workerData: stores,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 30_000,
    resourceLimits: {
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      maxOldGenerationSizeMb: OLD_GENERATION_MB,
    },
  });
  return {
    clean: (task, signal) => pool.run(task, { signal, name: 'clean' }) as Promise<string | null>,
    measure: (task, signal) => pool.run(task, { signal, name: 'measure' }) as Promise<FeedSize[]>,
    seal: (task, signal) => pool.run(task, { signal, name: 'seal' }) as Promise<Sealing>,
    close: () => pool.destroy(),
  };
}
