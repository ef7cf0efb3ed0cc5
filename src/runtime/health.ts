import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { PROCESS_HEADER, QUEUES_HEADER } from './processHeader.js';

/** An idle worker polls its queue every minute. A worker that Temporal has not heard of for longer is not ready. */
const POLLED_WITHIN_MS = 90_000;
const ASK_TIMEOUT_MS = 2_000;

/** The workers, connection and state from which the health of this process is read. */
export interface Observed {
  workers: readonly Worker[];
  /** Queues that this process does not serve yet, each with the reason. */
  waiting: ReadonlyMap<string, string>;
  connection: NativeConnection;
  namespace: string;
}

/**
 * Serve the health of this process' workers over HTTP. Each response is 200, or 503 with the reason.
 *
 * `/live`: each worker runs, or is stopping in order. Otherwise the process should be restarted.
 * `/ready`: in addition, Temporal knows that each worker polls its queue. A restart does not mend that.
 *
 * @returns a function that stops the server
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
    if (!isServed)
      return `${queueOf(worker)}: Temporal has not seen this worker poll the queue in the last ${POLLED_WITHIN_MS / 1000} s`;
  }
  return null;
}

/** Reject after {@link ASK_TIMEOUT_MS}. The connection's own deadline is later, because it allows for retries. */
async function tooLate(): Promise<never> {
  await sleep(ASK_TIMEOUT_MS, undefined, { ref: false });
  throw new Error(`no answer within ${ASK_TIMEOUT_MS} ms`);
}

function queueOf(worker: Worker): string {
  return worker.options.taskQueue;
}
