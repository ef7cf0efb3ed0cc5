import { beforeAll, describe } from 'vitest';
import { itJudgesPolls } from '../completeness.suite.js';
import { itIgnoresSmallMoves } from '../moves.suite.js';
import { activitiesOf } from '../support/loads.js';
import {
  ABSENT_HINT,
  makeRedshiftBench,
  type RedshiftBench,
  reopenRedshift,
  whyNoRedshift,
} from './support/bench.js';

describe.skipIf(whyNoRedshift !== null)(
  `completeness and moves on Redshift${ABSENT_HINT}`,
  { timeout: 240_000 },
  () => {
    let bench: RedshiftBench;
    beforeAll(async () => {
      bench = await makeRedshiftBench();
      return () => bench.remove();
    });
    // Few objects in S3 are enough for these small days.
    const chunkSizes = { maxBytes: 1_000_000_000, chunks: 1, minBytes: 1 };
    const open = async () => {
      const opened = await reopenRedshift(bench)();
      return { ...opened, activities: activitiesOf({ ...opened, chunkSizes }) };
    };
    itJudgesPolls(open);
    itIgnoresSmallMoves(open);
  },
);
