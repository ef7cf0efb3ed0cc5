import { defineConfig } from 'vitest/config';

const isLong = process.env.LADEPULS_TEST_LONG === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: isLong ? [] : ['test/**/*.long.test.ts'],
    globalSetup: ['test/globalSetup.ts'],
    pool: 'forks',
    // Many tests start real servers: more files at once than this, and a small machine's time limits don't hold.
    maxWorkers: 2,
    // What hangs hangs for ever; what is slow on a busy machine is not wrong.
    testTimeout: isLong ? 30 * 60_000 : 120_000,
    hookTimeout: 60_000,
    // Stopping the shared servers in order takes a few seconds.
    teardownTimeout: 40_000,
    reporters: ['default', './test/support/tally.ts'],
  },
});
