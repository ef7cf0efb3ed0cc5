import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { unitFiles } from './test/support/unitFiles.js';

const isLong = process.env.LADEPULS_TEST_LONG === '1';

/** Files that take half a minute or more, as the end of a run names them. */
const LONGEST =
  /long|year|property|redshift|reads|bringOver|hours|events|e2e\/(backfill|backlog|dst|killed|queues)|start|status|reset|backfill|awaits|demo|supervisor|reloadChanged|loadDay/;

/** What takes longest begins first, so that no process waits at the end for another one's. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId, project }: TestSpecification) =>
      LONGEST.test(relative(project.config.root, moduleId));
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

const unit = unitFiles(import.meta.dirname);
const isLongFile = ['test/**/*.long.test.ts'];

// One more than a small machine's two processors: a good half of the time, a test waits for servers that it started. With
// more at once, time limits would not hold there.
const maxWorkers = 3;
// What hangs hangs for ever; what is slow on a busy machine is not wrong.
const testTimeout = isLong ? 30 * 60_000 : 120_000;
const hookTimeout = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        // Whole threads' worth of files, one after the other in one thread: most of their time is the start of one.
        test: { name: 'unit', include: unit, pool: 'threads', isolate: false, maxWorkers, testTimeout },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [...unit, ...(isLong ? [] : isLongFile)],
          globalSetup: ['test/globalSetup.ts'],
          pool: 'forks',
          maxWorkers,
          testTimeout,
          hookTimeout,
        },
      },
    ],
    maxWorkers,
    sequence: { sequencer: LongestFirst },
    // Stopping the shared servers in order takes a few seconds.
    teardownTimeout: 40_000,
    reporters: ['default', './test/support/slowest.ts', './test/support/tally.ts'],
  },
});
