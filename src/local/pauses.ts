import { setTimeout as sleep } from 'node:timers/promises';
import { growingPauseMs } from '../domain/growingPause.js';
import { oneLine } from '../domain/oneLine.js';

const FIRST_PAUSE_MS = 500;
/** The same failure is told again after this time, and not at every attempt. */
const TELL_AGAIN_AFTER_MS = 3_600_000;

/** Returns how long to wait before the next attempt: half a second after the first failure, a minute at most. */
export function pauseMs(failures: number): number {
  return growingPauseMs(failures, FIRST_PAUSE_MS);
}

/** Tells what goes wrong again and again, but not every time. */
export class RepeatedTelling {
  private last: string | undefined;
  private toldMs = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly tell: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Tells a failure unless the same reason was told within the last hour. */
  failure(reason: string, line: string): void {
    if (reason === this.last && this.now() - this.toldMs < TELL_AGAIN_AFTER_MS) return;
    this.last = reason;
    this.toldMs = this.now();
    this.tell(line);
  }

  /** Tells that the trouble is over. Does nothing where no failure was told. */
  recovery(line: string): void {
    if (this.last === undefined) return;
    this.last = undefined;
    this.tell(line);
  }
}

export interface PersistOptions {
  /** Ends the attempts: what is under way is waited for, and the returned promise rejects with its reason. */
  signal: AbortSignal;
  /** Gets a line for people at a failure, once per reason and hour, and one when it is done after all. */
  tell: (line: string) => void;
  /** Tells failures that no further attempt can mend, which are thrown. Default: none. */
  isFinal?: (error: unknown) => boolean;
}

/**
 * Does something that must succeed in the end, such as starting a server while the disk is full. Repeats it after pauses that
 * grow to a minute.
 *
 * @param what names it in the lines for people, such as "Postgres"
 */
export async function persist<T>(
  what: string,
  work: () => Promise<T>,
  { signal, tell, isFinal = () => false }: PersistOptions,
): Promise<T> {
  const telling = new RepeatedTelling(tell);
  for (let failures = 0; ;) {
    signal.throwIfAborted();
    try {
      const result = await work();
      telling.recovery(`${what}: done after ${failures} failed ${failures === 1 ? 'attempt' : 'attempts'}.`);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      const reason = oneLine(error instanceof Error ? error.message : String(error));
      const waitMs = pauseMs(++failures);
      telling.failure(
        reason,
        `${what}: ${reason} Trying again in ${waitMs / 1000} s, then at most a minute apart.`,
      );
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
