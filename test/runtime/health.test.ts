import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { NativeConnection, Worker } from '@temporalio/worker';
import getPort from 'get-port';
import { expect, it, onTestFinished } from 'vitest';
import { serveHealth } from '../../src/runtime/health.js';
import { sharedComponent } from '../support/sharedComponent.js';
import { quietRuntime, temporalAddress } from '../support/temporal.js';

it('a worker is live and ready while it polls, not ready where Temporal is out of reach, and neither once it has ended', async () => {
  quietRuntime();
  const way = await openWay(await temporalAddress());
  const connection = await NativeConnection.connect({ address: way.address });
  const codePath = await sharedComponent('workflows');
  const taskQueue = `test-${randomUUID()}`;
  const worker = await Worker.create({ connection, taskQueue, workflowBundle: { codePath } });
  const port = await getPort();
  const waiting = new Map([['load', 'connect ECONNREFUSED 127.0.0.1:5432']]);
  const close = await serveHealth(
    { host: '127.0.0.1', port },
    { workers: [worker], waiting, connection, namespace: 'default' },
  );
  onTestFinished(close);
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${(await response.text()).trim()}`;
  };
  const queues = async () => (await fetch(`http://127.0.0.1:${port}/live`)).headers.get('ladepuls-queues');
  expect(await queues(), 'none is worked on yet').toBe('');
  expect(await ask('/ready')).toBe('503 load: connect ECONNREFUSED 127.0.0.1:5432');
  waiting.clear();
  expect(await ask('/ready')).toBe(`503 ${taskQueue}: INITIALIZED`);

  const running = worker.run();
  await expect.poll(() => ask('/ready'), { timeout: 20_000 }).toBe('200 ok');
  expect(await ask('/live')).toBe('200 ok');
  expect(await queues()).toBe(taskQueue);
  expect(await ask('/')).toBe('404 There are /live and /ready.');

  way.cut();
  const cutMs = performance.now();
  expect(await ask('/ready')).toMatch(/^503 Temporal does not answer: /);
  expect(performance.now() - cutMs).toBeLessThan(5_000);
  expect(await ask('/live')).toBe('200 ok');
  way.mend();
  await expect.poll(() => ask('/ready'), { timeout: 20_000 }).toBe('200 ok');

  worker.shutdown();
  expect(await ask('/ready')).toMatch(/^503 .*: (STOPPING|DRAINING|DRAINED|STOPPED)$/);
  await running;
  expect(await ask('/live')).toBe(`503 ${taskQueue}: STOPPED`);
  await connection.close();
});

it('is told at the address that it is given alone', async () => {
  const nobody = {
    workers: [],
    waiting: new Map<string, string>(),
    connection: null as unknown as NativeConnection,
    namespace: 'default',
  };
  const port = await getPort();
  const close = await serveHealth({ host: '127.0.0.1', port }, nobody);
  onTestFinished(close);
  const statusAt = (host: string) =>
    fetch(`http://${host}:${port}/live`).then(
      ({ status }) => status,
      () => null,
    );
  expect(await statusAt('127.0.0.1')).toBe(200);
  // Another address of this machine, on which a server for all interfaces would respond.
  expect(await statusAt('127.0.0.2')).toBe(null);
});

/** Open a proxy to a server. Its connections can be cut and restored. */
async function openWay(to: string) {
  const [host, port] = to.split(':');
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((inner) => {
    if (isCut) {
      inner.destroy();
      return;
    }
    const outer = connect(Number(port), host);
    for (const [from, into] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.on('error', () => into.destroy()).on('close', () => into.destroy());
      from.pipe(into);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    mend() {
      isCut = false;
    },
  };
}
