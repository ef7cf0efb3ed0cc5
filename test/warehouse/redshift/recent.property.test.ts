import { describe } from 'vitest';
import { itAddsDuringTheDay } from '../reference/recent.suite.js';
import { ABSENT_HINT, emptyRedshift, makeRedshiftBench, whyNoRedshift } from './support/bench.js';

describe.skipIf(whyNoRedshift !== null)(`on Redshift${ABSENT_HINT}`, () => {
  itAddsDuringTheDay({
    make: () => makeRedshiftBench({ isOnS3: true }),
    empty: emptyRedshift,
    hasQuality: false,
    runs: { few: 1, all: 6 },
  });
});
