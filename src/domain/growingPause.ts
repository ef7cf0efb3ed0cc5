const LONGEST_MS = 60_000;

/**
 * Return how long to wait before the next attempt, in milliseconds. Each further failure doubles the wait, up to a
 * minute.
 *
 * @param failures consecutive failures, from 1
 * @param firstMs the wait after the first failure
 */
export function growingPauseMs(failures: number, firstMs: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), LONGEST_MS);
}
