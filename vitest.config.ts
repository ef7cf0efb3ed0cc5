import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const isLong = process.env.LADEPULS_TEST_LONG === '1';

/** What takes longest begins first, so that no process waits at the end for another one's. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId, project }: TestSpecification) =>
      /long|year|property|redshift|killedWorker/.test(relative(project.config.root, moduleId));
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: isLong ? [] : ['test/**/*.long.test.ts'],
    globalSetup: ['test/globalSetup.ts'],
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // Many tests start real servers: more files at once than this, and a small machine's time limits don't hold.
    maxWorkers: 2,
    // What hangs hangs for ever; what is slow on a busy machine is not wrong.
    testTimeout: isLong ? 30 * 60_000 : 120_000,
    hookTimeout: 60_000,
    // Stopping the shared servers in order takes a few seconds.
    teardownTimeout: 40_000,
    reporters: ['default', './test/support/slowest.ts', './test/support/tally.ts'],
  },
});
