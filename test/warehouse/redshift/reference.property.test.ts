import { describe } from 'vitest';
import { itHoldsTheReference } from '../reference/reference.suite.js';
import { ABSENT_HINT, emptyRedshift, makeRedshiftBench, whyNoRedshift } from './support/bench.js';

const fleets = process.env.LADEPULS_TEST_LONG ? 200 : 36;

describe.skipIf(whyNoRedshift !== null)(`on Redshift${ABSENT_HINT}`, () => {
  itHoldsTheReference({
    make: makeRedshiftBench,
    empty: emptyRedshift,
    fleets,
    sideBySide: 12,
  });
});
