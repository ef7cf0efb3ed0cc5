import type { ShownStatuses, StatusesMeta } from '../cleaning/statuses.js';
import { memoryFor, Threads } from '../cleaning/threads.js';
import type { Slot } from '../domain/slot.js';
import { type AnswerLimits, DEFAULT_LIMITS, TOO_COMPLEX } from '../sources/answerLimits.js';
import { isGzipFile } from '../sources/gzipFile.js';
import type { PageLinks } from '../sources/paging.js';
import { compiledFile } from '../runtime/paths.js';

/** Why an answer is rejected: `reason` is a word such as `not_json`, and `message` is a sentence. */
export interface Rejection {
  reason: string;
  message: string;
}

/** Input of a thread that judges one document of an answer. */
export interface JudgeTask {
  source: string;
  body: Uint8Array;
  /** The answer's header `Content-Type`; undefined when it is not known. */
  contentType?: string | undefined;
  /** The feed's own limit on a gzip file after decompression. Default: the limit of the threads. */
  maxBodyBytes?: number | undefined;
}

/** Input of a thread that reads the statuses of an answer. */
export interface StatusesTask {
  at: { feed: string; slot: Slot; key: string };
  meta: StatusesMeta;
  body: Uint8Array;
}

/** What paging needs to know of an accepted document. */
export interface JudgedPage {
  links: PageLinks;
  /** Number of stations in the document. */
  records: number;
}

/** Result of a thread: what it found in an answer, or why the answer is rejected. */
export type Read<Found> = { found: Found; rejection: null } | { found: null; rejection: Rejection };

/** Options of {@link createIntake}. */
export interface IntakeOptions {
  limits?: AnswerLimits;
  /** Time limit for one answer, in milliseconds; a thread that takes longer is ended. */
  timeoutMs?: number;
  /** Limit of a thread's heap in MB. Default: the memory that answers within the limits need. */
  memoryMb?: number;
}

/**
 * Reader of feeds' answers on threads with limits of memory and time, so that no answer delays or harms another feed.
 * Both functions reject an answer that exceeds a limit, with the reason `too_complex`.
 */
export interface Intake {
  /** Return what an accepted document says of other pages, or why the document is rejected. */
  judge: (task: JudgeTask) => Promise<Read<JudgedPage>>;
  /** Read the status of every charging point in an answer; `found` is null when the answer can't be read. */
  readStatuses: (task: StatusesTask) => Promise<Read<ShownStatuses | null>>;
  close(): Promise<void>;
}

const THREAD = compiledFile('intake/thread.js');

/** Default time limit in milliseconds: ten times what the worst answer within the limits takes on a busy machine. */
const TIMEOUT_MS = 20_000;
/**
 * Largest answer in bytes that counts as small. Small answers have their own thread, because they take milliseconds,
 * whatever they contain, and should not wait for a large answer. Few feeds send larger answers. A gzip file never counts
 * as small, because its size says nothing about its content.
 */
const SMALL_BYTES = 1_000_000;
/** Number of threads for large answers: two, so that a large answer need not wait for another slow answer. */
const LARGE_AT_ONCE = 2;

/**
 * Create an {@link Intake} of at most three threads. No thread runs while there is nothing to read.
 *
 * @example
 * const { maxBodyBytes, maxRecords } = config.polling;
 * const intake = createIntake({ limits: { maxBodyBytes, maxRecords } });
 * const { rejection } = await intake.judge({ source: 'ocpi', body });
 */
export function createIntake(options: IntakeOptions = {}): Intake {
  const { limits = DEFAULT_LIMITS, timeoutMs = TIMEOUT_MS, memoryMb = memoryFor(limits) } = options;
  const common = { filename: THREAD, workerData: { limits }, memoryMb };
  const small = new Threads({ ...common, threads: 1 });
  const large = new Threads({ ...common, threads: LARGE_AT_ONCE });

  const read = async <Found>(name: string, task: { body: Uint8Array }): Promise<Read<Found>> => {
    const isSmall = task.body.length <= SMALL_BYTES && !isGzipFile(task.body);
    const threads = isSmall ? small : large;
    try {
      return await threads.run<Read<Found>>(task, { name, timeoutMs });
    } catch (error) {
      const message = boundBroken(error, timeoutMs);
      if (message === null) throw error;
      return { found: null, rejection: { reason: TOO_COMPLEX, message } };
    }
  };
  return {
    judge: (task) => read('judge', task),
    readStatuses: (task) => read('statuses', task),
    close: async () => {
      await Promise.all([small.close(), large.close()]);
    },
  };
}

/** Return a sentence that says which limit ended a thread; null when the error has another cause. */
function boundBroken(error: unknown, timeoutMs: number): string | null {
  if (!(error instanceof Error)) return null;
  // V8 itself limits the size of strings, maps and stacks.
  if (error instanceof RangeError) return `the answer can't be read: ${error.message}`;
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return 'the answer takes more memory than a thread may have';
  if (error.cause instanceof DOMException && error.cause.name === 'TimeoutError')
    return `the answer could not be read within ${timeoutMs} ms`;
  return null;
}
