import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openWeb, type TestWeb } from './support/web.js';

let web: TestWeb;
let port: number;

beforeAll(async () => {
  web = await openWeb('postgres://nobody@127.0.0.1:1/nothing');
  await web.server.listen({ host: '127.0.0.1', port: 0 });
  const [address] = web.server.addresses();
  port = typeof address === 'object' ? address.port : NaN;
});
afterAll(() => web.close());

function open(): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Send bytes, and return all bytes received before the connection ends. */
async function answer(...sent: string[]): Promise<string> {
  const socket = open();
  for (const part of sent) socket.write(part);
  return text(socket).catch(String);
}

const IS_PROBLEM = (status: number) =>
  new RegExp(`^HTTP/1.1 ${status} [\\w ]+\\r\\ncontent-type: application/problem\\+json`);

it.each([
  ['a huge address', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ['a huge header', `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
  ['many headers', `GET / HTTP/1.1\r\nHost: localhost\r\n${'a: b\r\n'.repeat(10_000)}\r\n`, 431],
  ['nonsense', 'HELO localhost\r\n\r\n', 400],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01', 400],
  ['two lengths', 'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
  [
    'a length and chunks',
    'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['a header without end', 'GET / HTTP/1.1\r\nHost: localhost\r\nA\r\n\r\n', 400],
])('%s is refused with what is wrong, and the connection ends', async (_, sent, status) => {
  const got = await answer(sent);
  expect(got).toMatch(IS_PROBLEM(status));
  expect(got).toContain("content-security-policy: default-src 'none'");
  expect(JSON.parse(got.slice(got.indexOf('\r\n\r\n')))).toMatchObject({ status });
});

it('a body on a GET is not read, whatever is in it', async () => {
  const request = 'GET /ocpi/versions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
  expect(await answer(`${request}Content-Type: text/x\r\nContent-Length: 9\r\n\r\n{"a":`, 'xxxx')).toMatch(
    /^HTTP\/1.1 200 /,
  );
  const huge = await answer(`${request}Content-Length: 100000000\r\n\r\n`, 'x'.repeat(1_000_000));
  expect(huge).toMatch(/^HTTP\/1.1 200 /);
});

describe('those who take their time', () => {
  it(
    'are cut off: with headers byte by byte, with half a body, without a word',
    { timeout: 60_000 },
    async () => {
      const ends = (sent: string, dripped?: string) => {
        const socket = open();
        socket.write(sent);
        const drip = dripped !== undefined && setInterval(() => socket.write(dripped), 200);
        return text(socket)
          .catch(String)
          .finally(() => drip !== false && clearInterval(drip));
      };
      const [headers, body, silent] = await Promise.all([
        ends('GET / HTTP/1.1\r\nHost: localhost\r\n', 'A: b\r\n'),
        ends('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n', 'x'),
        ends(''),
      ]);
      expect(headers).toMatch(IS_PROBLEM(408));
      expect(silent).toMatch(IS_PROBLEM(408));
      // The request was refused before its body arrived.
      expect(body).toMatch(/^HTTP\/1.1 405 /);
      // Other clients were served during these requests.
      expect(await answer('GET /ocpi/versions HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 \d{3} /);
    },
  );
});

it.each([
  '/docs/static/../../../../package.json',
  '/docs/static/%2e%2e/%2e%2e/package.json',
  '/docs/static/..%2f..%2fpackage.json',
  '/docs/static/..%5c..%5cpackage.json',
  '/docs/static/%252e%252e/package.json',
  '/docs/static//etc/passwd',
  '/docs/static/%00',
  '/docs/static/.%2e/lib/routes.js',
  '/../package.json',
  '/dashboard/..%2f..%2fpackage.json',
])('%s leads out of no folder', async (path) => {
  const got = await answer(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  expect(got).toMatch(/^HTTP\/1.1 (400|403|404) /);
  expect(got).not.toMatch(/"dependencies"|root:|use strict/);
});
