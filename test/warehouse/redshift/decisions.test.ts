import { beforeAll, describe } from 'vitest';
import { itKeepsDecisions } from '../decisions.suite.js';
import { ABSENT_HINT, makeRedshiftBench, type RedshiftBench, whyNoRedshift } from './support/bench.js';

describe.skipIf(whyNoRedshift !== null)(
  `people's own tables on Redshift${ABSENT_HINT}`,
  { timeout: 240_000 },
  () => {
    let bench: RedshiftBench;
    beforeAll(async () => {
      bench = await makeRedshiftBench();
      return () => bench.remove();
    });
    itKeepsDecisions(() => ({ address: bench.standIn.url, url: bench.url }));
  },
);
