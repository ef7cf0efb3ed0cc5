import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { findTestFiles } from './test/support/testFiles.js';

const isLong = process.env.LADEPULS_TEST_LONG === '1';

/** Files that take half a minute or more, as the end of a run names them. */
const LONGEST =
  /long|year|property|redshift|reads|bringOver|hours|events|e2e\/(backfill|backlog|dst|killed|queues)|start|status|reset|backfill|awaits|demo|supervisor|reloadChanged|loadDay/;

/** Projects in the order in which they run. A process ends where the next file is of another one. */
const PROJECTS = ['isolated', 'system', 'unit'];

/** What takes longest begins first, so that no process waits at the end for another one's. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId, project }: TestSpecification) =>
      LONGEST.test(relative(project.config.root, moduleId));
    return PROJECTS.flatMap((name) => {
      const own = sorted.filter(({ project }) => project.name === name);
      return [...own.filter(isLongest), ...own.filter((file) => !isLongest(file))];
    });
  }
}

const { unit, system, isolated } = findTestFiles(import.meta.dirname);

// One more than a small machine's two processors: a good half of the time, a test waits for servers that it started. With
// more at once, time limits would not hold there.
const maxWorkers = 3;
// What hangs hangs for ever; what is slow on a busy machine is not wrong.
const testTimeout = isLong ? 30 * 60_000 : 120_000;
const hookTimeout = 60_000;

const onServers = {
  globalSetup: ['test/globalSetup.ts'],
  pool: 'forks' as const,
  maxWorkers,
  testTimeout,
  hookTimeout,
};

export default defineConfig({
  test: {
    projects: [
      {
        // Whole threads' worth of files, one after the other in one thread: most of their time is the start of one.
        test: { name: 'unit', include: unit, pool: 'threads', isolate: false, maxWorkers, testTimeout },
      },
      {
        test: {
          ...onServers,
          name: 'system',
          include: system.filter((name) => isLong || !name.endsWith('.long.test.ts')),
          // The start of a process, with all its modules, takes a second or two of a processor's time.
          isolate: false,
        },
      },
      { test: { ...onServers, name: 'isolated', include: isolated } },
    ],
    maxWorkers,
    sequence: { sequencer: LongestFirst },
    // Stopping the shared servers in order takes a few seconds.
    teardownTimeout: 40_000,
    reporters: ['default', './test/support/slowest.ts', './test/support/tally.ts'],
  },
});
