import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NativeConnection, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createAcquireActivities } from './activities/acquire.js';
import { createLoadQueueActivities } from './activities/loadQueue.js';
import { createCleaner } from './cleaning/pool.js';
import { type Config, InvalidSetting, readConfig } from './config.js';
import { createLog, temporalLogger } from './log.js';
import { openPollClient } from './pollClient.js';
import { openStore } from './stores/open.js';
import { temporalConfig } from './temporal.js';
import { openPostgresWarehouse } from './warehouse/postgres/warehouse.js';
import { QUEUES } from './workflows/names.js';

/** A stopping worker lets its activities end: a poll takes a minute at most, a load's steps notice the cancellation. */
const SHUTDOWN_GRACE = '20 seconds';
const SHUTDOWN_FORCE = '28 seconds';
/** Polls at once in one worker; few of them to one host. */
const POLL_SLOTS = 24;

/** Everything that the activities need, opened by the settings. */
function openDeps(config: Config, databaseUrl: string) {
  const raw = openStore(config.rawStore);
  const flat = openStore(config.flatStore);
  const client = openPollClient(config);
  const cleaner = createCleaner({ rawUrl: config.rawStore, flatUrl: config.flatStore }, config.threads);
  const warehouse = openPostgresWarehouse(databaseUrl);
  const now = Date.now;
  const { timeZone } = config;
  return {
    warehouse,
    acquire: createAcquireActivities({
      raw,
      client,
      timeZone,
      sources: { chargecloudUrl: config.chargecloudUrl },
      now,
    }),
    load: createLoadQueueActivities({
      raw,
      flat,
      warehouse,
      clean: cleaner.clean,
      seal: cleaner.seal,
      retentionMonths: config.retentionMonths,
      timeZone,
      now,
    }),
    async close() {
      client.close();
      await Promise.allSettled([cleaner.close(), warehouse.close(), raw.close(), flat.close()]);
    },
  };
}

/** The bundle that the build made; from src/ (in development) it is made on the spot. */
function workflows(): { workflowBundle: WorkflowBundleOption } | { workflowsPath: string } {
  const codePath = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL('./workflows/index.js', import.meta.url)) };
}

async function run(config: Config, log: Logger): Promise<void> {
  if (config.databaseUrl === undefined) {
    throw new InvalidSetting(
      'DATABASE_URL is not set, but a worker must know its warehouse: postgres://user:password@host/database.',
    );
  }
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: ['SIGINT', 'SIGTERM'] });
  const deps = openDeps(config, config.databaseUrl);
  await deps.warehouse.migrate();
  const { connectionOptions, namespace } = temporalConfig(process.env);
  const connection = await NativeConnection.connect(connectionOptions);
  const common = {
    connection,
    namespace,
    ...workflows(),
    // Workflows here only wait for activities: one thread each is plenty, and each costs tens of megabytes.
    workflowThreadPoolSize: 1,
    maxCachedWorkflows: 50,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
  } as const;
  try {
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue: QUEUES.acquire,
        activities: deps.acquire,
        maxConcurrentActivityTaskExecutions: POLL_SLOTS,
      }),
      Worker.create({
        ...common,
        taskQueue: QUEUES.load,
        activities: deps.load,
        maxConcurrentActivityTaskExecutions: config.loadSlots,
      }),
    ]);
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await connection.close();
    await deps.close();
  }
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) {
  let log = createLog('info');
  try {
    const config = readConfig(process.env);
    log = createLog(config.logLevel);
    await run(config, log);
  } catch (error) {
    log.fatal(error instanceof InvalidSetting ? error.message : error);
    process.exitCode = 1;
  }
}
