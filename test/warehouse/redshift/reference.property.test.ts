import { describe } from 'vitest';
import { itHoldsTheReference } from '../reference/reference.suite.js';
import { ABSENT_HINT, emptyRedshift, makeRedshiftBench, whyNoRedshift } from './support/bench.js';

describe.skipIf(whyNoRedshift !== null)(`on Redshift${ABSENT_HINT}`, () => {
  itHoldsTheReference({
    make: () => makeRedshiftBench({ isOnS3: true }),
    empty: emptyRedshift,
    fleets: { few: 12, all: 200 },
    sideBySide: 12,
  });
});
