import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { type Config, InvalidSetting, readConfig } from './settings/config.js';
import { growingPauseMs } from './domain/growingPause.js';
import { serveHealth } from './runtime/health.js';
import { createLog, temporalLogger } from './runtime/log.js';
import { openQueue, type OpenedQueue } from './app/queueActivities.js';
import { temporalConfig } from './temporal/client.js';
import { workerOptions } from './app/workerOptions.js';
import type { QUEUES } from './temporal/names.js';
import { compiledFile } from './runtime/paths.js';

const SHUTDOWN_SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
const FIRST_PAUSE_MS = 1_000;

type QueueName = keyof typeof QUEUES;

/**
 * Open the activities of a queue, with retries after pauses that grow to a minute, such as while the warehouse is down.
 * The worker serves its other queues in the meantime, above all the polls.
 *
 * @returns null if a signal arrived first
 * @throws InvalidSetting when a setting is wrong
 */
async function openPatiently(
  name: QueueName,
  config: Config,
  { waiting, log, signal }: { waiting: Map<QueueName, string>; log: Logger; signal: AbortSignal },
): Promise<OpenedQueue | null> {
  waiting.set(name, 'it is being opened');
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      return await openQueue(name, config, log);
    } catch (error) {
      if (error instanceof InvalidSetting) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const pauseMs = growingPauseMs(failures, FIRST_PAUSE_MS);
      waiting.set(name, reason);
      log.warn(error, `the queue ${name} can't be worked on yet; trying again in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

/** Run one worker for each queue that the settings name, until a signal arrives. */
async function run(config: Config, log: Logger): Promise<void> {
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: SHUTDOWN_SIGNALS });
  const { connectionOptions, namespace } = temporalConfig(process.env);
  const closings: (() => Promise<unknown>)[] = [];
  try {
    const connection = await NativeConnection.connect(connectionOptions);
    closings.push(() => connection.close());
    const common = {
      connection,
      namespace,
      workflowBundle: { codePath: compiledFile('workflow-bundle.js') },
    };
    const workers: Worker[] = [];
    const waiting = new Map<QueueName, string>();
    const { healthHost: host, healthPort: port } = config.worker;
    if (port !== undefined) {
      closings.push(await serveHealth({ host, port }, { workers, waiting, connection, namespace }));
    }
    const ending = new AbortController();
    const end = () => ending.abort();
    for (const signal of SHUTDOWN_SIGNALS) process.once(signal, end);
    const work = async (name: QueueName) => {
      const opened = await openPatiently(name, config, { waiting, log, signal: ending.signal });
      if (opened === null) return;
      closings.push(() => opened.close());
      const worker = await Worker.create({
        ...common,
        ...workerOptions(name, config),
        activities: opened.activities,
      });
      workers.push(worker);
      waiting.delete(name);
      // A signal that arrived before this line has not reached this worker.
      if (!ending.signal.aborted) await worker.run().finally(end);
    };
    await Promise.all(config.worker.queues.map(work));
  } finally {
    for (const close of closings.reverse()) {
      // A failed close is only logged, because the error that ended the worker matters more. If the worker failed, its
      // connection can't be closed either.
      await close().catch((error: unknown) => log.warn(error));
    }
  }
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) {
  let log = createLog('info');
  try {
    const config = readConfig(process.env);
    log = createLog(config.general.logLevel);
    await run(config, log);
  } catch (error) {
    log.fatal(error instanceof InvalidSetting ? error.message : error);
    // A worker that has not ended would keep the process alive, without work and without reaction to signals.
    process.exit(error instanceof InvalidSetting ? error.exitCode : 1);
  }
}
