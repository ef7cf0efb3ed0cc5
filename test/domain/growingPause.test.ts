import { expect, it } from 'vitest';
import { growingPauseMs } from '../../src/domain/growingPause.js';

it('doubles with each failure, up to a minute, for ever', () => {
  const pauses = [1, 2, 3, 7, 8, 1_000, 1e9].map((failures) => growingPauseMs(failures, 1_000));
  expect(pauses).toEqual([1_000, 2_000, 4_000, 60_000, 60_000, 60_000, 60_000]);
});
