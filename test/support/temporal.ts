import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { sharedComponent } from './sharedComponent.js';

export interface TestWorker {
  /** Of this worker alone: workflows started on it run here. */
  taskQueue: string;
  /** Ends the worker, its running activities too, and rethrows where it failed. */
  stop(): Promise<void>;
}

/** `host:port` of the Temporal that the run shares: namespace `default`, with the workflows' search attributes. */
export function temporalAddress(): Promise<string> {
  return sharedComponent('temporal');
}

/** Opens a client of the shared Temporal. Close its connection when done. */
export async function openTestClient(): Promise<Client> {
  return new Client({ connection: await Connection.connect({ address: await temporalAddress() }) });
}

/**
 * Runs a real worker with the project's workflows on the shared Temporal, on a task queue of its own.
 *
 * @example
 * const worker = await startWorker(loadActivities(parts));
 * await client.workflow.execute('loadDay', { taskQueue: worker.taskQueue, workflowId: randomUUID(), args: [{ day }] });
 * await worker.stop();
 */
export async function startWorker(
  activities: object,
  options: Partial<WorkerOptions> = {},
): Promise<TestWorker> {
  quietRuntime();
  const taskQueue = options.taskQueue ?? `test-${randomUUID()}`;
  const connection = await NativeConnection.connect({ address: await temporalAddress() });
  const codePath = await sharedComponent('workflows');
  const worker = await Worker.create({
    connection,
    activities,
    workflowBundle: { codePath },
    ...options,
    taskQueue,
  });
  const running = worker.run();
  // Told by stop(); unheard until then, it would end the process.
  running.catch(() => undefined);
  return {
    taskQueue,
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running.finally(() => connection.close());
    },
  };
}

let isQuiet = false;

/** Installs Temporal's runtime, of which a process has one. Its own log would bury the tests' output. */
export function quietRuntime(): void {
  if (isQuiet) return;
  const logging = { forward: {}, filter: 'OFF' };
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
  isQuiet = true;
}
