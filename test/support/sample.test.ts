import { describe, expect, it } from 'vitest';
import { runSeed } from './runSeed.js';
import { isInSample } from './sample.js';

describe('the seed of a run', () => {
  it('is the one that is named, and nothing but a number', () => {
    expect(runSeed({ LADEPULS_TEST_SEED: '41' })).toBe(41);
    for (const wrong of ['', 'x', '-1', '1.5', '1e3'])
      expect(() => runSeed({ LADEPULS_TEST_SEED: wrong })).toThrow('must be a whole number');
  });

  it('is the same for a commit whose history is there', () => {
    expect(runSeed({})).toBeGreaterThan(0);
    expect(runSeed({})).toBe(runSeed({}));
  });
});

describe('samples', () => {
  const CASES = Array.from({ length: 25 }, (_, index) => index);

  it('of ten runs with consecutive seeds have each case once between them', () => {
    const runs = Array.from({ length: 10 }, (_, run) => ({ isLong: false, seed: 1237 + run }));
    for (const index of CASES) expect(runs.filter((run) => isInSample(index, run))).toHaveLength(1);
  });

  it('of a long run are everything', () => {
    expect(CASES.every((index) => isInSample(index, { isLong: true, seed: 1 }))).toBe(true);
  });
});
