import { setTimeout as sleep } from 'node:timers/promises';

/** When a running process counts as hung. */
export interface Liveness {
  /** Pause between two checks, in milliseconds. */
  everyMs: number;
  /** Longest time that one check may take, in milliseconds. */
  timeoutMs: number;
  /** Checks in succession that must fail. */
  failures: number;
}

/**
 * The default: a hung process is found within 90 seconds. Failed checks are counted instead of time. Therefore a
 * process is checked again before it counts as hung, after the machine slept or the supervisor was stopped.
 */
export const LIVENESS: Liveness = { everyMs: 10_000, timeoutMs: 10_000, failures: 4 };

/**
 * Check repeatedly whether a process is alive, until too many checks in succession have failed.
 *
 * @param isAlive one check; an exception counts as false
 * @param over ends the checks
 * @returns true if the process hangs, false if `over` aborted first
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
