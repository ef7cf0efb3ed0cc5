import { setTimeout as sleep } from 'node:timers/promises';

/** When something that runs counts as hung. */
export interface Liveness {
  /** Pause between two questions, in milliseconds. */
  everyMs: number;
  /** Longest wait for one answer, in milliseconds. */
  timeoutMs: number;
  /** So many questions in succession without an answer, and it is hung. */
  failures: number;
}

/**
 * A hung process is found within a minute and a half. Questions are counted, not time: after a machine slept, or the
 * supervisor itself was stopped, the process is asked anew before it is judged.
 */
export const LIVENESS: Liveness = { everyMs: 10_000, timeoutMs: 10_000, failures: 4 };

/**
 * Asks again and again whether something is alive, until too many questions in succession have gone unanswered.
 *
 * @param isAlive an exception means no
 * @param over ends the questions
 * @returns true where it hangs, false where `over` aborted first
 */
export async function waitUntilHung(
  isAlive: () => Promise<boolean>,
  over: AbortSignal,
  { everyMs, timeoutMs, failures: most }: Liveness = LIVENESS,
): Promise<boolean> {
  for (let failures = 0; failures < most;) {
    await sleep(everyMs, undefined, { signal: over, ref: false }).catch(() => undefined);
    if (over.aborted) return false;
    failures = (await answersInTime(isAlive, timeoutMs)) ? 0 : failures + 1;
  }
  return !over.aborted;
}

async function answersInTime(isAlive: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const answered = new AbortController();
  const late = sleep(timeoutMs, false, { signal: answered.signal, ref: false }).catch(() => false);
  try {
    return await Promise.race([isAlive().catch(() => false), late]);
  } finally {
    answered.abort();
  }
}
