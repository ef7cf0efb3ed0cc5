import { memoryFor, Threads } from '../cleaning/threads.js';
import type { Slot } from '../domain/slot.js';
import { type AnswerLimits, DEFAULT_LIMITS, TOO_COMPLEX } from '../sources/answerLimits.js';
import { compiledFile } from '../runtime/paths.js';

/** Why an answer is rejected: a word such as `not_json`, and a sentence. */
export interface Rejection {
  reason: string;
  message: string;
}

/** What a thread is told to judge. */
export interface JudgeTask {
  source: string;
  body: Uint8Array;
}

/** What a thread is told to read statuses from. */
export interface StatusesTask extends JudgeTask {
  at: { feed: string; slot: Slot; key: string };
  receivedAt: string;
}

/** What a thread found in an answer, or why it is rejected. */
export type Read<Found> = { found: Found; rejection: null } | { found: null; rejection: Rejection };

export interface IntakeOptions {
  limits?: AnswerLimits;
  /** For one answer; a thread that takes longer is ended. */
  timeoutMs?: number;
  /** Of a thread's heap. Default: what answers within the limits need. */
  memoryMb?: number;
}

/**
 * Reads what feeds answer on threads with a bound on memory and time, so that no answer, whatever it is, delays or harms
 * another feed's. Both functions reject an answer that goes beyond a bound as `too_complex`.
 */
export interface Intake {
  /** Why an answer is rejected; null where it is accepted. */
  judge: (task: JudgeTask) => Promise<Rejection | null>;
  /** The status of every charging point in an answer, by `id_cp`. */
  readStatuses: (task: StatusesTask) => Promise<Read<Map<string, string>>>;
  close(): Promise<void>;
}

const THREAD = compiledFile('intake/thread.js');

/** Ten times what the worst answer within the limits takes, on a busy machine. */
const TIMEOUT_MS = 20_000;
/** Smaller ones take milliseconds, whatever they are: they wait for no larger one. Few feeds answer with more. */
const SMALL_BYTES = 1_000_000;
/** So that a large answer waits for no other one that takes long. */
const LARGE_AT_ONCE = 2;

/**
 * Makes an {@link Intake} of three threads at most, none of which runs while there is nothing to read.
 *
 * @example
 * const intake = createIntake({ limits: { maxRecords: config.polling.maxRecords } });
 * const rejection = await intake.judge({ source: 'ocpi', body });
 */
export function createIntake(options: IntakeOptions = {}): Intake {
  const { limits = DEFAULT_LIMITS, timeoutMs = TIMEOUT_MS, memoryMb = memoryFor(limits) } = options;
  const common = { filename: THREAD, workerData: { limits }, memoryMb };
  const small = new Threads({ ...common, threads: 1 });
  const large = new Threads({ ...common, threads: LARGE_AT_ONCE });

  const read = async <Found>(name: string, task: JudgeTask): Promise<Read<Found>> => {
    const threads = task.body.length <= SMALL_BYTES ? small : large;
    try {
      return await threads.run<Read<Found>>(task, { name, timeoutMs });
    } catch (error) {
      const message = boundBroken(error, timeoutMs);
      if (message === null) throw error;
      return { found: null, rejection: { reason: TOO_COMPLEX, message } };
    }
  };
  return {
    judge: async (task) => (await read<true>('judge', task)).rejection,
    readStatuses: (task) => read('statuses', task),
    close: async () => {
      await Promise.all([small.close(), large.close()]);
    },
  };
}

/** Which bound ended a thread, as a sentence; null where something else did. */
function boundBroken(error: unknown, timeoutMs: number): string | null {
  if (!(error instanceof Error)) return null;
  // Of texts, maps and stacks that the engine itself bounds.
  if (error instanceof RangeError) return `the answer can't be read: ${error.message}`;
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return 'the answer takes more memory than a thread may have';
  if (error.cause instanceof DOMException && error.cause.name === 'TimeoutError')
    return `the answer could not be read within ${timeoutMs} ms`;
  return null;
}
