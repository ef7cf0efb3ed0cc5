import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NativeConnection, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';
import { type Config, InvalidSetting, readConfig } from './config.js';
import { serveHealth } from './health.js';
import { createLog, temporalLogger } from './log.js';
import { openQueue } from './queueActivities.js';
import { temporalConfig } from './temporal.js';
import { workerOptions } from './workerOptions.js';

/** The bundle that the build made; from src/ (in development) it is made on the spot. */
function workflows(): { workflowBundle: WorkflowBundleOption } | { workflowsPath: string } {
  const codePath = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL('./workflows/index.js', import.meta.url)) };
}

/** Works on the queues that the settings name, one worker each, until a signal comes. */
async function run(config: Config, log: Logger): Promise<void> {
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: ['SIGINT', 'SIGTERM'] });
  const { connectionOptions, namespace } = temporalConfig(process.env);
  const closings: (() => Promise<unknown>)[] = [];
  try {
    const queues = [];
    for (const name of config.queues) {
      const opened = await openQueue(name, config, log);
      closings.push(() => opened.close());
      queues.push({ ...workerOptions(name, config), activities: opened.activities });
    }
    const connection = await NativeConnection.connect(connectionOptions);
    closings.push(() => connection.close());
    const common = { connection, namespace, ...workflows() };
    const workers = await Promise.all(queues.map((queue) => Worker.create({ ...common, ...queue })));
    if (config.healthPort !== undefined) {
      closings.push(await serveHealth(config.healthPort, { workers, connection, namespace }));
    }
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    for (const close of closings.reverse()) {
      // Why the worker ends is what is told: where it has failed, its connection can't be closed either.
      await close().catch((error: unknown) => log.warn(error));
    }
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
    // A worker that has not ended would keep the process, which then does nothing and hears no signal.
    process.exit(1);
  }
}
