import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { createAnswerClient, PollFailure } from '../../src/sources/answer.js';

function createClient() {
  const client = createAnswerClient({
    userAgent: 'ladepuls-test',
    connectTimeoutMs: 2_000,
    totalTimeoutMs: 5_000,
    maxBodyBytes: 1_000,
    maxEncodedBytes: 500,
    maxSocketsPerHost: 1,
  });
  onTestFinished(() => client.close());
  return client;
}

/** Start a feed. Returns its host and port. */
async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const failureOf = (asked: Promise<unknown>): Promise<unknown> => asked.catch((error: unknown) => error);

it('a request that fails tells neither password nor key, however deep it is looked into', async () => {
  const failure = await failureOf(createClient().request('http://me:pass-word@127.0.0.1:1/cp?key=4711'));
  expect(failure).toBeInstanceOf(PollFailure);
  expect(failure).toMatchObject({ reason: 'refused', cause: { code: 'ECONNREFUSED' } });
  const text = inspect(failure, { depth: Infinity, showHidden: true });
  expect(text).toContain('http://…@127.0.0.1:1/cp?key=…');
  expect(text).not.toMatch(/pass-word|4711|bWU6/);
});

it.each<[string, RequestListener]>([
  ['timeout', () => undefined],
  [
    'cut_short',
    (_, response) => response.writeHead(200, { 'Content-Length': 100 }).write('?', () => response.destroy()),
  ],
  ['too_large', (_, response) => response.end('?'.repeat(501))],
  ['bad_encoding', (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('no gzip')],
  ['redirects', (request, response) => response.writeHead(302, { Location: request.url }).end()],
  ['redirect_refused', (_, response) => response.writeHead(302, { Location: 'http://10.1.2.3/' }).end()],
  ['redirects', (_, response) => response.writeHead(302, { Location: 'http://:80' }).end()],
  ['reset', (request) => request.socket.destroy()],
  ['aborted', () => undefined],
])('a failure for the reason %s tells no secret, whatever characters it has', async (reason, answer) => {
  const client = createClient();
  const host = await listen((request, response) => {
    answer(request, response);
    if (reason === 'aborted') client.close();
  });
  for (const secret of [`QQ'QQ`, `QQ"QQ`, 'QQ<QQ>QQ', 'QQ)QQ,QQ', 'QQ`QQ']) {
    const url = `http://me:${secret}@${host}/cp?key=${secret}`;
    const timeoutMs = reason === 'timeout' ? 100 : 5_000;
    const failure = await failureOf(client.request(url, { timeoutMs }));
    expect(failure).toMatchObject({ reason });
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain('QQ');
  }
});
