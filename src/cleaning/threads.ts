import { Piscina } from 'piscina';
import type { AnswerLimits } from '../sources/answerLimits.js';

/** A third of V8's default, which costs some time and saves 100 MB over two threads: bodies die young and are many. */
const YOUNG_GENERATION_MB = 16;
/** Several times what a feed slice takes. Of a heap that may grow to gigabytes, V8 collects little before it has grown fourfold. */
const OLD_GENERATION_MB = 1024;
/** What an answer's text and values take before its records are read. */
const PARSED_MB = 512;
/** What a record takes at most while it is read, where everything about it is wrong. */
const MB_PER_RECORD = 4 / 1024;

/** Megabytes that a thread needs which reads answers within the limits. */
export function memoryFor({ maxRecords }: AnswerLimits): number {
  return Math.max(OLD_GENERATION_MB, PARSED_MB + maxRecords * MB_PER_RECORD);
}

export interface ThreadsOptions {
  /** The compiled file that a thread runs; its functions are what is run by name. */
  filename: string;
  workerData: object;
  /** Threads at once, at most. They begin when there is something to do, and end when there is nothing. */
  threads: number;
  /** Of one thread's heap: see {@link memoryFor}. */
  memoryMb: number;
}

/** How a call is run. */
export interface CallOptions {
  name: string;
  /** Calls it off; its thread ends. */
  signal?: AbortSignal | undefined;
  /** From when a thread takes it. Then the thread ends, and the call fails with a TimeoutError as its cause. */
  timeoutMs?: number | undefined;
}

/**
 * Threads with a bound on memory, each for one call at a time. What ends one of them, such as its memory, fails the call that it
 * was at and no other: Piscina starts no thread for what waits when the last one has died, so calls wait here.
 */
export class Threads {
  private readonly pool: Piscina;
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor({ filename, workerData, threads, memoryMb }: ThreadsOptions) {
    this.free = threads;
    this.pool = new Piscina({
      filename,
      workerData,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 30_000,
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        maxOldGenerationSizeMb: memoryMb,
      },
    });
  }

  /** @throws what the function throws, the signal's reason, or an error with the code ERR_WORKER_OUT_OF_MEMORY */
  async run<Result>(task: unknown, { name, signal, timeoutMs }: CallOptions): Promise<Result> {
    await this.place(signal);
    try {
      const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
      const enders = [signal, timeout].filter((ender) => ender !== undefined);
      return (await this.pool.run(task, { name, signal: AbortSignal.any(enders) })) as Result;
    } finally {
      this.leave();
    }
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async place(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.free > 0) {
      this.free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const take = () => {
        signal?.removeEventListener('abort', give);
        resolve();
      };
      const give = () => {
        this.waiting.splice(this.waiting.indexOf(take), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', give, { once: true });
      this.waiting.push(take);
    });
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}
