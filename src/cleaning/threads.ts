import { Piscina } from 'piscina';
import type { AnswerLimits } from '../sources/answerLimits.js';

/**
 * Size of a thread's young generation in MB: a third of V8's default. It costs some time, and saves 100 MB over two
 * threads, because the bodies of answers are many and short-lived.
 */
const YOUNG_GENERATION_MB = 16;
/**
 * Smallest limit of a thread's old generation in MB: several times what a feed slice takes. With a limit of gigabytes,
 * V8 collects little garbage before the heap has grown fourfold.
 */
const OLD_GENERATION_MB = 1024;
/** Memory in MB for the text and the values of an answer, before its records are read. */
const PARSED_MB = 512;
/** Largest memory in MB for reading one record, needed when everything in the record is wrong. */
const MB_PER_RECORD = 4 / 1024;

/** Return the memory in MB that a thread needs to read answers within the limits. */
export function memoryFor({ maxRecords }: AnswerLimits): number {
  return Math.max(OLD_GENERATION_MB, PARSED_MB + maxRecords * MB_PER_RECORD);
}

/** Options of {@link Threads}. */
export interface ThreadsOptions {
  /** Path of the compiled file that the threads run. A call names a function that this file exports. */
  filename: string;
  workerData: object;
  /** Largest number of threads. Threads start when there is work and end when there is none. */
  threads: number;
  /** Limit of one thread's heap in MB: see {@link memoryFor}. */
  memoryMb: number;
}

/** Options of a call; `name` is the function to call. */
export interface CallOptions {
  name: string;
  /** Cancels the call and ends its thread. */
  signal?: AbortSignal | undefined;
  /**
   * Time limit in milliseconds, from when a thread takes the call. The thread is then ended, and the call fails with a
   * TimeoutError as its cause.
   */
  timeoutMs?: number | undefined;
}

/**
 * Threads with a limit of memory, each for one call at a time. When a thread dies, such as from lack of memory, its
 * call fails and no other. Calls wait in this class, because Piscina starts no thread for waiting calls after the last
 * thread has died.
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

  /**
   * Run a function of the threads' file.
   *
   * @throws the function's error, the signal's reason, or an error with the code ERR_WORKER_OUT_OF_MEMORY
   */
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
