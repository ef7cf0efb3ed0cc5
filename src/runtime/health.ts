import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { PROCESS_HEADER, QUEUES_HEADER } from './processHeader.js';

/** A waiting worker asks again every minute; one that has not for longer is not served. */
const POLLED_WITHIN_MS = 90_000;
const ASK_TIMEOUT_MS = 2_000;

/** What is asked for a worker's health. */
export interface Observed {
  workers: readonly Worker[];
  /** Queues that can't be worked on yet, each with the reason. */
  waiting: ReadonlyMap<string, string>;
  connection: NativeConnection;
  namespace: string;
}

/**
 * Tells over HTTP how this process' workers are; each answer is 200, or 503 with the reason:
 * `/live`: each still does its work, or ends it in order. Whoever runs the process should restart it otherwise.
 * `/ready`: besides, Temporal knows each of them to ask its queue for work. A restart does not mend that.
 *
 * @returns what ends it
 */
export async function serveHealth(
  { host, port }: { host: string; port: number },
  observed: Observed,
): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    response.setHeader(PROCESS_HEADER, process.pid);
    response.setHeader(QUEUES_HEADER, queuesWorkedOn(observed).join());
    const look = { '/live': whyNotLive, '/ready': whyNotReady }[request.url ?? ''];
    if (!look) {
      response.writeHead(404).end('There are /live and /ready.\n');
      return;
    }
    look(observed)
      .catch((error: unknown) => `Temporal does not answer: ${String(error)}`)
      .then(
        (reason) => response.writeHead(reason === null ? 200 : 503).end(`${reason ?? 'ok'}\n`),
        () => response.destroy(),
      );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
}

function queuesWorkedOn({ workers }: Observed): string[] {
  return workers.filter((worker) => worker.getState() === 'RUNNING').map(queueOf);
}

function whyNotLive({ workers }: Observed): Promise<string | null> {
  const ended = workers.find((worker) => ['FAILED', 'STOPPED'].includes(worker.getState()));
  return Promise.resolve(ended ? `${queueOf(ended)}: ${ended.getState()}` : null);
}

async function whyNotReady({ workers, waiting, connection, namespace }: Observed): Promise<string | null> {
  for (const [queue, reason] of waiting) return `${queue}: ${reason}`;
  for (const worker of workers) {
    if (worker.getState() !== 'RUNNING') return `${queueOf(worker)}: ${worker.getState()}`;
    const taskQueue = { name: queueOf(worker) };
    const asked = connection.workflowService.describeTaskQueue({ namespace, taskQueue });
    const { pollers } = await Promise.race([asked, tooLate()]);
    const isServed = pollers.some(
      ({ identity, lastAccessTime }) =>
        identity === worker.options.identity &&
        Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLLED_WITHIN_MS,
    );
    if (!isServed) return `${queueOf(worker)}: Temporal knows nothing of this worker`;
  }
  return null;
}

/** The connection's own deadline comes later: it lets a call be repeated first. */
async function tooLate(): Promise<never> {
  await sleep(ASK_TIMEOUT_MS, undefined, { ref: false });
  throw new Error(`no answer within ${ASK_TIMEOUT_MS} ms`);
}

function queueOf(worker: Worker): string {
  return worker.options.taskQueue;
}
