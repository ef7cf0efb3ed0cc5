import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createAnswerClient, PollFailure, type AnswerClientOptions } from '../../src/sources/answer.js';

const BODY = JSON.stringify({ data: ['Größe'], filler: 'x'.repeat(5000) });
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function client(options: Partial<AnswerClientOptions> = {}) {
  const created = createAnswerClient({
    userAgent: 'ladepuls-test (mailto:test@example.org)',
    connectTimeoutMs: 2_000,
    totalTimeoutMs: 5_000,
    maxBodyBytes: 1_000_000,
    maxEncodedBytes: 500_000,
    maxSocketsPerHost: 2,
    ...options,
  });
  ends.push(() => created.close());
  return created;
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  if ('closeAllConnections' in server) ends.push(() => server.closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener) => listen(createServer(listener));

/** Start a server that writes bytes to each connection, then ends, resets or keeps it. */
function serveBytes(bytes: string | Buffer, end: 'end' | 'reset' | 'keep'): Promise<string> {
  return listen(
    createTcpServer((socket: Socket) => {
      ends.push(() => socket.destroy());
      socket.on('error', () => undefined);
      socket.once('data', () => {
        if (end === 'end') socket.end(bytes);
        else if (end === 'reset') socket.write(bytes, () => socket.resetAndDestroy());
        else socket.write(bytes);
      });
    }),
  );
}

async function failure(promise: Promise<unknown>): Promise<PollFailure> {
  const error: unknown = await promise.then(
    () => expect.fail('an answer came where none may be taken for whole'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PollFailure);
  return error as PollFailure;
}

describe('an answer', () => {
  it('holds the body byte for byte, its times, status and headers', async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push(request.headers);
      response.writeHead(200, { 'Content-Type': 'application/json', 'Set-Cookie': 'a=b' }).end(BODY);
    });
    let clock = 1_000;
    const answer = await client({ now: () => (clock += 5) }).request(url);
    expect(answer).toMatchObject({ kind: 'answer', status: 200, startedMs: 1_005, receivedMs: 1_010 });
    expect(answer.body.equals(Buffer.from(BODY))).toBe(true);
    expect(answer.encodedBytes).toBe(Buffer.byteLength(BODY));
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(asked).toMatchObject([
      {
        'user-agent': 'ladepuls-test (mailto:test@example.org)',
        accept: 'application/json',
        'accept-encoding': 'gzip, br, deflate',
      },
    ]);
  });

  it.each([
    ['gzip', gzipSync(BODY)],
    ['x-gzip', gzipSync(BODY)],
    ['br', brotliCompressSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['deflate', deflateRawSync(BODY)],
    ['identity', Buffer.from(BODY)],
    ['GZIP', gzipSync(BODY)],
  ])('is decoded from %s', async (coding, encoded) => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': coding }).end(encoded);
    });
    const answer = await client().request(url);
    expect(answer.body.toString()).toBe(BODY);
    expect(answer.encodedBytes).toBe(encoded.length);
  });

  it.each([204, 404, 429, 500, 503])('is what comes with status %i', async (status) => {
    const url = await serve((_, response) => {
      response.writeHead(status, { 'Retry-After': '7' }).end(status === 204 ? undefined : 'sorry');
    });
    const answer = await client().request(url);
    expect(answer).toMatchObject({ status, headers: { 'retry-after': '7' } });
    expect(answer.body.toString()).toBe(status === 204 ? '' : 'sorry');
  });

  it('may be empty under a content coding', async () => {
    const url = await serve((_, response) => {
      response.writeHead(500, { 'Content-Encoding': 'gzip' }).end();
    });
    expect((await client().request(url)).body).toHaveLength(0);
  });

  it('follows three redirects and not a fourth', async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('there');
      else response.writeHead(302, { Location: `/${left - 1}` }).end();
    });
    expect((await client().request(`${url}/3`)).body.toString()).toBe('there');
    expect((await failure(client().request(`${url}/4`))).reason).toBe('redirects');
  });

  it('comes over kept connections, few at once', async () => {
    let atOnce = 0;
    let most = 0;
    const server = createServer((_, response) => {
      most = Math.max(most, ++atOnce);
      setTimeout(() => {
        atOnce--;
        response.end(BODY);
      }, 20);
    });
    let connections = 0;
    server.on('connection', () => connections++);
    const url = await listen(server);
    const polling = client({ maxSocketsPerHost: 2 });
    await Promise.all(Array.from({ length: 10 }, () => polling.request(url)));
    expect(most).toBe(2);
    expect(connections).toBe(2);
  });
});

describe('a body cut short is never taken for whole', () => {
  const gzipped = gzipSync(BODY);
  const head = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');
  const bytes = (text: string, body: Buffer) => Buffer.concat([Buffer.from(text), body]);

  it.each(['end', 'reset'] as const)('by its content-length, %s', async (end) => {
    const url = await serveBytes(head('Content-Length: 5000') + '{"data": [', end);
    const cut = await failure(client().request(url));
    expect(cut).toMatchObject({ reason: 'cut_short', status: 200 });
    expect('{"data": ['.startsWith(cut.partial?.toString() ?? 'none')).toBe(true);
  });

  it('in the middle of its chunks', async () => {
    const url = await serveBytes(head('Transfer-Encoding: chunked') + 'a\r\n{"data": [\r\n', 'end');
    const cut = await failure(client().request(url));
    expect(cut).toMatchObject({ reason: 'cut_short', status: 200 });
    expect(cut.partial?.toString()).toBe('{"data": [');
  });

  it('by chunks that are none', async () => {
    const url = await serveBytes(head('Transfer-Encoding: chunked') + 'a\r\n{"data": [\r\nzz\r\n', 'end');
    expect((await failure(client().request(url))).reason).toBe('cut_short');
  });

  it.each([
    ['gzip', gzipped],
    ['br', brotliCompressSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['deflate', deflateRawSync(BODY)],
  ])('in the middle of its compression, %s, though its length is right', async (coding, encoded) => {
    for (const length of [1, 12, encoded.length >> 1, encoded.length - 1]) {
      const cut = encoded.subarray(0, length);
      const url = await serveBytes(
        bytes(head(`Content-Encoding: ${coding}`, `Content-Length: ${length}`), cut),
        'end',
      );
      const result = await failure(client().request(url));
      expect(result).toMatchObject({ reason: 'cut_short', status: 200 });
    }
  });

  it('by the end of a connection in the middle of gzip, whose beginning is kept decoded', async () => {
    const url = await serveBytes(bytes(head('Content-Encoding: gzip'), gzipped.subarray(0, -12)), 'end');
    const cut = await failure(client().request(url));
    expect(cut.reason).toBe('cut_short');
    expect(cut.partial?.toString().slice(0, 18)).toBe(BODY.slice(0, 18));
  });
});

describe('a failure has its reason', () => {
  it('refused: nobody listens', async () => {
    const server = createTcpServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect((await failure(client().request(url))).reason).toBe('refused');
  });

  it('reset: the connection ends before an answer', async () => {
    const url = await listen(createTcpServer((socket) => void socket.destroy()));
    expect((await failure(client().request(url))).reason).toBe('reset');
  });

  it('not_http: something else answers', async () => {
    const url = await serveBytes('SSH-2.0-OpenSSH_9.2\r\n', 'end');
    expect((await failure(client().request(url))).reason).toBe('not_http');
  });

  it('dns: no such host (a label longer than names may have)', async () => {
    expect((await failure(client().request(`http://${'x'.repeat(80)}.invalid/`))).reason).toBe('dns');
  });

  it('tls: the server does not speak it', async () => {
    const url = await serve((_, response) => void response.end(BODY));
    expect((await failure(client().request(url.replace('http:', 'https:')))).reason).toBe('tls');
  });

  it('timeout: before the answer', async () => {
    const url = await serve(() => undefined);
    const late = await failure(client({ totalTimeoutMs: 50 }).request(url));
    expect(late).toMatchObject({ reason: 'timeout', status: undefined, partial: undefined });
  });

  it('timeout: in the middle of a body that goes on and on, whose beginning is kept', async () => {
    const url = await serve((_, response) => {
      const drip = setInterval(() => response.write('drip '), 5);
      response.once('close', () => clearInterval(drip));
    });
    const late = await failure(client().request(url, { timeoutMs: 500 }));
    expect(late).toMatchObject({ reason: 'timeout', status: 200 });
    expect(late.partial?.toString()).toMatch(/^(drip )+$/);
  });

  it('connect_timeout: a queue of connections that nobody takes', async () => {
    const url = await stoppedServer();
    const polling = client({ connectTimeoutMs: 100, totalTimeoutMs: 20_000 });
    expect((await failure(polling.request(url))).reason).toBe('connect_timeout');
  });

  it('connect_timeout: a TLS handshake that is never answered', async () => {
    const url = await serveBytes('', 'keep');
    const polling = client({ connectTimeoutMs: 100, totalTimeoutMs: 20_000 });
    expect((await failure(polling.request(url.replace('http:', 'https:')))).reason).toBe('connect_timeout');
  });

  it('a connection that stood in time may take longer over its answer', async () => {
    const url = await serve((_, response) => void setTimeout(() => response.end('late'), 600));
    expect((await client({ connectTimeoutMs: 400 }).request(url)).body.toString()).toBe('late');
  });

  it('bad_encoding: what says gzip and is not, kept as it came', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('<html>no gzip</html>');
    });
    const bad = await failure(client().request(url));
    expect(bad).toMatchObject({ reason: 'bad_encoding', status: 200 });
    expect(bad.partial?.toString()).toBe('<html>no gzip</html>');
  });

  it('bad_encoding: a checksum that is wrong', async () => {
    const broken = gzipSync(BODY);
    broken.writeUInt32LE(broken.readUInt32LE(broken.length - 8) ^ 1, broken.length - 8);
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(broken);
    });
    expect((await failure(client().request(url))).reason).toBe('bad_encoding');
  });

  it('bad_encoding: a coding that was not asked for', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'compress' }).end('??');
    });
    expect((await failure(client().request(url))).reason).toBe('bad_encoding');
  });

  it('too_large: on the wire', async () => {
    const url = await serve((_, response) => void response.end('x'.repeat(20_001)));
    const large = await failure(client({ maxEncodedBytes: 20_000 }).request(url));
    expect(large).toMatchObject({ reason: 'too_large', status: 200 });
    expect((await client({ maxEncodedBytes: 20_001 }).request(url)).body).toHaveLength(20_001);
  });

  it('too_large: after decompression, and no more than 1 MB of it is kept', async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000));
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb);
    });
    const large = await failure(client({ maxBodyBytes: 2_000_000 }).request(url));
    expect(large).toMatchObject({ reason: 'too_large', status: 200 });
    expect(large.partial).toHaveLength(1_000_000);
    expect((await client({ maxBodyBytes: 30_000_000 }).request(url)).body).toHaveLength(30_000_000);
  });

  it('aborted: before, while waiting, in the middle of the body, and by closing', async () => {
    const midway = new AbortController();
    const url = await serve((request, response) => {
      if (request.url === '/body') response.write('begun', () => setTimeout(() => midway.abort(), 200));
    });
    expect((await failure(client().request(url, { signal: AbortSignal.abort() }))).reason).toBe('aborted');
    const waiting = failure(client().request(url, { signal: AbortSignal.timeout(30) }));
    expect((await waiting).reason).toBe('aborted');
    const reading = await failure(client().request(`${url}/body`, { signal: midway.signal }));
    expect(reading).toMatchObject({ reason: 'aborted', status: 200 });
    expect(reading.partial?.toString()).toBe('begun');
    const closed = client();
    const closing = failure(closed.request(url));
    closed.close();
    expect((await closing).reason).toBe('aborted');
    expect((await failure(closed.request(url))).reason).toBe('aborted');
  });
});

/**
 * Start a server whose process is stopped and whose queue of connections is full, so that the system drops further
 * connections.
 */
async function stoppedServer(): Promise<string> {
  const script = `const server = require('node:net').createServer(() => undefined);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  ends.push(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  let queued = true;
  while (queued) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    ends.push(() => socket.destroy());
    queued = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300)),
    ]);
  }
  return `http://127.0.0.1:${port}`;
}
