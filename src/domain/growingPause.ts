const LONGEST_MS = 60_000;

/**
 * Returns how long to wait before the next attempt, in milliseconds: after each further failure twice as long, at most a
 * minute.
 *
 * @param failures in a row, from 1
 * @param firstMs the wait after the first one
 */
export function growingPauseMs(failures: number, firstMs: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), LONGEST_MS);
}
