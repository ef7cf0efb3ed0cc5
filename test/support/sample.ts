import { runSeed } from './runSeed.js';

/** Whether everything is tried: `npm run test:long`. */
export const isLong = process.env.LADEPULS_TEST_LONG === '1';
/** Runs with consecutive seeds that try everything between them. */
const SHARES = 10;

const seed = runSeed(process.env);

/** Whether a run tries the case of this number, counted from 0: each tenth one, or all of them in a long run. */
export function isInSample(
  index: number,
  run: { isLong: boolean; seed: number } = { isLong, seed },
): boolean {
  return run.isLong || index % SHARES === run.seed % SHARES;
}

/**
 * Parameters of `fc.assert` for a property whose every example takes seconds: `few` examples, which follow from the run's
 * seed; in a long run `all`, which are new ones each time unless `LADEPULS_TEST_SEED` names a seed.
 */
export function examples(few: number, all: number): { numRuns: number; seed?: number; endOnFailure: true } {
  const isNew = isLong && process.env.LADEPULS_TEST_SEED === undefined;
  return { numRuns: isLong ? all : few, endOnFailure: true, ...(isNew ? {} : { seed }) };
}
