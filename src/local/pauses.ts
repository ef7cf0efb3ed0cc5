import { setTimeout as sleep } from 'node:timers/promises';
import { growingPauseMs } from '../domain/growingPause.js';
import { oneLine } from '../domain/oneLine.js';

const FIRST_PAUSE_MS = 500;
/** A repeated failure is reported again after this time, and not at every attempt. */
const REPORT_AGAIN_AFTER_MS = 3_600_000;

/** Return the pause before the next attempt, in milliseconds: 500 after the first failure, at most a minute. */
export function pauseMs(failures: number): number {
  return growingPauseMs(failures, FIRST_PAUSE_MS);
}

/** Reports a failure that repeats, but not each time. */
export class FailureReporter {
  private last: string | undefined;
  private reportedMs = 0;

  /** @param now returns the milliseconds of a monotonic clock */
  constructor(
    private readonly onMessage: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Report a failure, unless the same reason was reported within the last hour. */
  failure(reason: string, line: string): void {
    if (reason === this.last && this.now() - this.reportedMs < REPORT_AGAIN_AFTER_MS) return;
    this.last = reason;
    this.reportedMs = this.now();
    this.onMessage(line);
  }

  /** Report that the work succeeds again. Does nothing if no failure was reported. */
  recovery(line: string): void {
    if (this.last === undefined) return;
    this.last = undefined;
    this.onMessage(line);
  }
}

export interface RetryOptions {
  /** Ends the attempts. The attempt under way is awaited, then the promise rejects with the signal's reason. */
  signal: AbortSignal;
  /**
   * Receives a line for people about a failure, once for each reason and hour, and a line when the work succeeds at
   * last.
   */
  onMessage: (line: string) => void;
  /**
   * Whether a failure is final because no retry can succeed. A final failure is thrown. Default: no failure is final.
   */
  isFinal?: (error: unknown) => boolean;
}

/**
 * Do work that must succeed in the end, such as starting a server while the disk is full. Retries after pauses that
 * grow to a minute.
 *
 * @param what name of the work in the lines for people, such as "Postgres"
 * @throws the reason of `signal` when it aborts, and failures that are final
 */
export async function retryUntilDone<T>(
  what: string,
  work: () => Promise<T>,
  { signal, onMessage, isFinal = () => false }: RetryOptions,
): Promise<T> {
  const reporter = new FailureReporter(onMessage);
  for (let failures = 0; ;) {
    signal.throwIfAborted();
    try {
      const result = await work();
      reporter.recovery(`${what}: done after ${failures} failed ${failures === 1 ? 'attempt' : 'attempts'}.`);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      const reason = oneLine(error instanceof Error ? error.message : String(error));
      const waitMs = pauseMs(++failures);
      reporter.failure(
        reason,
        `${what}: ${reason} Trying again in ${waitMs / 1000} s, then at most a minute apart.`,
      );
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
