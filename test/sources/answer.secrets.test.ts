import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { createAnswerClient, PollFailure, type AnswerClientOptions } from '../../src/sources/answer.js';
import { parseAccess } from '../../src/sources/auth/auth.js';
import { secretsIn } from '../../src/sources/auth/secret.js';
import { refusedStatus } from '../../src/sources/refusedStatus.js';
import {
  AUTHORITY,
  CLIENT_ENCRYPTED_PEM,
  CLIENT_PEM,
  CLIENT_PKCS12,
  EXPIRED_PEM,
  FUTURE_PEM,
  PASSPHRASE,
} from './support/clientCertificates.js';
import { SELF_SIGNED } from './support/selfSigned.js';

const TOKEN = 't0ken/4711+x&y';
const IN_BASE64 = Buffer.from(TOKEN).toString('base64');
const SPELLINGS = [TOKEN, IN_BASE64, encodeURIComponent(TOKEN), 'pass-4711'];

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const ENV = {
  LADEPULS_SECRET_TOKEN: TOKEN,
  LADEPULS_SECRET_USER: 'me:pass-4711:x',
  LADEPULS_SECRET_P12: CLIENT_PKCS12,
  LADEPULS_SECRET_PASS: PASSPHRASE,
  LADEPULS_SECRET_PEM: CLIENT_PEM,
  LADEPULS_SECRET_ENCRYPTED: CLIENT_ENCRYPTED_PEM,
  LADEPULS_SECRET_EXPIRED: EXPIRED_PEM,
  LADEPULS_SECRET_FUTURE: FUTURE_PEM,
};

function client(env: NodeJS.ProcessEnv = ENV, options: Partial<AnswerClientOptions> = {}) {
  const created = createAnswerClient({
    userAgent: 'ladepuls-test',
    connectTimeoutMs: 5_000,
    totalTimeoutMs: 10_000,
    maxBodyBytes: 1_000_000,
    maxEncodedBytes: 500_000,
    maxSocketsPerHost: 2,
    readSecret: secretsIn(env),
    ...options,
  });
  ends.push(() => created.close());
  return created;
}

interface Asked {
  url: string;
  headers: IncomingMessage['headers'];
  /** Common name of the client certificate that the server trusts; null without one. */
  certificate: string | null;
}

/** Start a server on an address of loopback. Each address is another host. */
async function listen(
  listener: RequestListener,
  { host = '127.0.0.1', tls }: { host?: string; tls?: ServerOptions } = {},
) {
  const asked: Asked[] = [];
  const answer: RequestListener = (request, response) => {
    const { socket } = request;
    const isTrusted = socket instanceof TLSSocket && socket.authorized;
    const certificate = isTrusted ? String(socket.getPeerCertificate().subject.CN) : null;
    asked.push({ url: request.url ?? '', headers: request.headers, certificate });
    listener(request, response);
  };
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.listen(0, host);
  await once(server, 'listening');
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  ends.push(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://${host}:${port}`, asked };
}

const answering = (host?: string) => listen((_, response) => response.end('{}'), host ? { host } : {});
const ask = (url: string, ...auth: string[]) => client().request(url, { access: parseAccess(auth, url) });

async function failure(promise: Promise<unknown>): Promise<PollFailure> {
  const error: unknown = await promise.then(
    () => expect.fail('an answer came'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PollFailure);
  expectNoSecret(inspect(error, { depth: Infinity, showHidden: true }));
  return error as PollFailure;
}

function expectNoSecret(text: string): void {
  for (const spelling of SPELLINGS) expect(text).not.toContain(spelling);
}

/** Accept any certificate of a server until the end of the test, because the servers' certificate is self-signed. */
function trustAnyone(): void {
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  ends.push(() => {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  });
}

describe('a request has', () => {
  it.each([
    ['token:TOKEN', 'authorization', `Token ${IN_BASE64}`],
    ['token-plain:TOKEN', 'authorization', `Token ${TOKEN}`],
    ['bearer:TOKEN', 'authorization', `Bearer ${TOKEN}`],
    ['basic:USER', 'authorization', `Basic ${Buffer.from('me:pass-4711:x').toString('base64')}`],
    ['header:X-API-Key:TOKEN', 'x-api-key', TOKEN],
  ])('by %s, the header %s', async (auth, header, value) => {
    const { url, asked } = await answering();
    expect(await ask(url, auth)).toMatchObject({ status: 200, hadSecrets: true });
    expect(asked[0]?.headers[header]).toBe(value);
  });

  it('by query, a parameter, and the others are as they were', async () => {
    const { url, asked } = await answering();
    await ask(`${url}/a?b=%20c&d=~&e`, 'query:api_key:TOKEN');
    await ask(`${url}/a`, 'query:key:TOKEN');
    expect(asked.map((request) => request.url)).toEqual([
      `/a?b=%20c&d=~&e&api_key=${encodeURIComponent(TOKEN)}`,
      `/a?key=${encodeURIComponent(TOKEN)}`,
    ]);
  });

  it('several at once', async () => {
    const { url, asked } = await answering();
    await ask(url, 'bearer:TOKEN', 'header:X-A:TOKEN', 'query:k:TOKEN');
    expect(asked[0]).toMatchObject({
      headers: { authorization: `Bearer ${TOKEN}`, 'x-a': TOKEN },
      url: `/?k=${encodeURIComponent(TOKEN)}`,
    });
  });

  it('none where the feed needs none, over the same client', async () => {
    const { url, asked } = await answering();
    const polling = client();
    await polling.request(url, { access: parseAccess(['bearer:TOKEN'], url) });
    expect(await polling.request(url)).toMatchObject({ hadSecrets: false });
    expect(asked[1]?.headers).not.toHaveProperty('authorization');
  });

  it('the new secret once its file has changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ladepuls-secret-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'token');
    const { url, asked } = await answering();
    const polling = client({ LADEPULS_SECRET_TOKEN_FILE: path });
    const access = parseAccess(['bearer:TOKEN'], url);
    for (const token of ['first', 'second']) {
      writeFileSync(path, `${token}\n`);
      await polling.request(url, { access });
    }
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });
});

describe('no request is sent', () => {
  it.each([
    ['bearer:MISSING', 'secret_missing', /LADEPULS_SECRET_MISSING/],
    ['basic:TOKEN', 'secret_invalid', /LADEPULS_SECRET_TOKEN: the secret must be user:password/],
    ['certificate:EXPIRED', 'certificate_expired', /LADEPULS_SECRET_EXPIRED/],
    ['certificate:FUTURE', 'certificate_not_yet_valid', /LADEPULS_SECRET_FUTURE/],
    ['certificate:P12', 'certificate_passphrase', /LADEPULS_SECRET_P12/],
    ['certificate:P12:TOKEN', 'certificate_passphrase', /LADEPULS_SECRET_P12 is wrong/],
    ['certificate:TOKEN', 'certificate_unreadable', /LADEPULS_SECRET_TOKEN/],
  ])('with %s: %s', async (auth, reason, message) => {
    const { url, asked } = await listen((_, response) => response.end('{}'), { tls: SELF_SIGNED });
    trustAnyone();
    const failed = await failure(ask(url, auth));
    expect(failed).toMatchObject({ reason, status: undefined });
    expect(failed.message).toMatch(message);
    expect(asked).toEqual([]);
  });

  it.each([`${TOKEN}\nX-Injected: 1`, `${TOKEN}\r\n\r\nGET / HTTP/1.1`, ' t0ken-4711', 't0ken-4711-ä'])(
    'with %j as a header',
    async (token) => {
      const { url, asked } = await answering();
      const polling = client({ LADEPULS_SECRET_TOKEN: token });
      const failed = await failure(polling.request(url, { access: parseAccess(['bearer:TOKEN'], url) }));
      expect(failed.reason).toBe('secret_invalid');
      expect(failed.message).not.toMatch(/4711|Injected/);
      expect(asked).toEqual([]);
    },
  );

  it('while the file of the secret can not be read in time', async () => {
    const { url } = await answering();
    const polling = client({}, { totalTimeoutMs: 50, readSecret: () => new Promise(() => undefined) });
    const failed = await failure(polling.request(url, { access: parseAccess(['bearer:TOKEN'], url) }));
    expect(failed.reason).toBe('timeout');
  });
});

describe('a redirect', () => {
  const redirecting = (location: string, host = '127.0.0.1') =>
    listen(
      (request, response) => {
        if (request.url?.startsWith('/there')) response.end('{}');
        else response.writeHead(302, { Location: location }).end();
      },
      { host },
    );

  it('within the host has the secrets too', async () => {
    const { url, asked } = await redirecting('/there?a=1');
    const answer = await ask(`${url}/feed`, 'bearer:TOKEN', 'query:key:TOKEN');
    expect(answer.hadSecrets).toBe(true);
    expect(asked[1]).toMatchObject({
      url: `/there?a=1&key=${encodeURIComponent(TOKEN)}`,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  });

  it('within the host to an address that has the parameter already does not have it twice', async () => {
    const { url, asked } = await redirecting(`/there?key=${encodeURIComponent(TOKEN)}`);
    await ask(`${url}/feed`, 'query:key:TOKEN');
    expect(asked[1]?.url).toBe(`/there?key=${encodeURIComponent(TOKEN)}`);
  });

  it.each(['127.0.0.1', '127.0.0.2'])('to another port or host, %s, has none', async (host) => {
    const other = await answering(host);
    const { url } = await redirecting(`${other.url}/there`);
    const answer = await ask(url, 'bearer:TOKEN', 'header:X-Key:TOKEN', 'query:key:TOKEN');
    expect(answer.hadSecrets).toBe(false);
    expect(other.asked).toHaveLength(1);
    expectNoSecret(JSON.stringify(other.asked));
  });

  it('back from another host has none: that host could choose what is asked with them', async () => {
    let back = '';
    const other = await listen((_, response) => response.writeHead(302, { Location: back }).end(), {
      host: '127.0.0.2',
    });
    const { url, asked } = await redirecting(other.url);
    back = `${url}/there`;
    expect((await ask(url, 'bearer:TOKEN')).hadSecrets).toBe(false);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`, undefined]);
  });

  it.each([TOKEN, encodeURIComponent(TOKEN), IN_BASE64])(
    'to another host that repeats the secret is refused: %s',
    async (spelling) => {
      const other = await answering('127.0.0.2');
      const { url } = await redirecting(`${other.url}/there?key=${spelling}`);
      const failed = await failure(ask(url, 'query:key:TOKEN'));
      expect(failed).toMatchObject({ reason: 'redirect_refused', status: 302 });
      expect(other.asked).toEqual([]);
    },
  );

  it('from http to https on one host has none', async () => {
    const secure = await listen((_, response) => response.end('{}'), { tls: SELF_SIGNED });
    trustAnyone();
    const { url } = await redirecting(secure.url);
    expect((await ask(url, 'bearer:TOKEN')).hadSecrets).toBe(false);
    expectNoSecret(JSON.stringify(secure.asked));
  });

  it('has no client certificate on another host', async () => {
    const tls = { ...SELF_SIGNED, ca: AUTHORITY, requestCert: true, rejectUnauthorized: false };
    const other = await listen((_, response) => response.end('{}'), { host: '127.0.0.2', tls });
    const first = await listen(
      (request, response) => {
        const location = request.url === '/out' ? `${other.url}/` : '/there';
        if (request.url === '/there') response.end('{}');
        else response.writeHead(302, { Location: location }).end();
      },
      { tls },
    );
    trustAnyone();
    expect((await ask(`${first.url}/out`, 'certificate:PEM')).hadSecrets).toBe(false);
    expect((await ask(`${first.url}/within`, 'certificate:PEM')).hadSecrets).toBe(true);
    expect(first.asked.map(({ certificate }) => certificate)).toEqual(['client', 'client', 'client']);
    expect(other.asked.map(({ certificate }) => certificate)).toEqual([null]);
  });
});

it('an address of another host than the feed is asked without secrets, such as a next page', async () => {
  const { url: feedUrl } = await answering();
  const other = await answering('127.0.0.2');
  const access = parseAccess(['bearer:TOKEN', 'query:key:TOKEN'], feedUrl);
  expect((await client().request(other.url, { access })).hadSecrets).toBe(false);
  expectNoSecret(JSON.stringify(other.asked));
});

describe('a client certificate', () => {
  const strict = { ...SELF_SIGNED, ca: AUTHORITY, requestCert: true, rejectUnauthorized: false };

  it.each(['certificate:P12:PASS', 'certificate:PEM', 'certificate:ENCRYPTED:PASS'])(
    'is shown to the server: %s',
    async (auth) => {
      const { url, asked } = await listen((_, response) => response.end('{}'), { tls: strict });
      trustAnyone();
      expect(await ask(url, auth)).toMatchObject({ status: 200, hadSecrets: true });
      expect(asked[0]?.certificate).toBe('client');
    },
  );

  it('is that of its feed: a feed without one on the same host shows none', async () => {
    const { url, asked } = await listen((_, response) => response.end('{}'), { tls: strict });
    trustAnyone();
    const polling = client();
    for (const auth of [['certificate:PEM'], [], ['certificate:PEM']])
      await polling.request(url, { access: parseAccess(auth, url) });
    expect(asked.map(({ certificate }) => certificate)).toEqual(['client', null, 'client']);
  });

  it.each([
    ['TLSv1.2', {}],
    ['TLSv1.3', {}],
    ['TLSv1.3', { LADEPULS_SECRET_PEM: SELF_SIGNED.cert + '\n' + SELF_SIGNED.key }],
  ] as const)('that is missing or unknown is refused by %s', async (maxVersion, env) => {
    const tls = { ...strict, rejectUnauthorized: true, maxVersion };
    const { url, asked } = await listen((_, response) => response.end('{}'), { tls });
    trustAnyone();
    const auth = 'LADEPULS_SECRET_PEM' in env ? ['certificate:PEM'] : [];
    const failed = await failure(client(env).request(url, { access: parseAccess(auth, url) }));
    // Node ends such a connection without an alert; OpenSSL's own servers send one.
    expect(['certificate_refused', 'reset', 'tls']).toContain(failed.reason);
    expect(asked).toEqual([]);
  });
});

describe('a feed that refuses', () => {
  it.each([401, 403])('a secret by the status %i has a reason of its own', async (status) => {
    const { url } = await listen((_, response) => response.writeHead(status).end('{}'));
    const access = parseAccess(['bearer:TOKEN'], url);
    const answer = await client().request(url, { access });
    expect(refusedStatus(answer, access)).toMatchObject({
      reason: 'secret_refused',
      message: expect.stringContaining('LADEPULS_SECRET_TOKEN') as string,
    });
    const none = parseAccess([], url);
    expect(refusedStatus(await client().request(url), none)?.reason).toBe(`http_${status}`);
  });

  it('is told apart from another host that got none', async () => {
    const other = await listen((_, response) => response.writeHead(401).end('{}'), { host: '127.0.0.2' });
    const { url } = await listen((_, response) => response.writeHead(302, { Location: other.url }).end());
    const access = parseAccess(['bearer:TOKEN'], url);
    expect(refusedStatus(await client().request(url, { access }), access)).toMatchObject({
      reason: 'http_401',
      message: expect.stringContaining('redirect to another host') as string,
    });
  });
});

describe('a server that repeats what it was sent', () => {
  const echo = ({ url, headers }: IncomingMessage) => JSON.stringify({ url, headers, data: ['Köln', 4711] });

  it('has no secret in its answer, and all else is as it came', async () => {
    const { url } = await listen((request, response) => response.writeHead(401).end(echo(request)));
    const { body } = await ask(`${url}/?a=b`, 'token:TOKEN', 'query:key:TOKEN');
    expectNoSecret(body.toString());
    expect(JSON.parse(body.toString())).toMatchObject({ data: ['Köln', 4711] });
  });

  it('has none in its headers, such as the address of the next page', async () => {
    const { url } = await listen((request, response) => {
      const next = `http://${request.headers.host ?? ''}${request.url ?? ''}&page=2`;
      response.writeHead(200, { Link: `<${next}>; rel="next"` }).end('{}');
    });
    const { headers } = await ask(`${url}/?a=b`, 'query:key:TOKEN');
    expectNoSecret(JSON.stringify(headers));
    expect(headers.link).toMatch(/\?a=b&key=\*+&page=2>; rel="next"$/);
  });

  it('has none in what came of an answer that broke off', async () => {
    const { url } = await listen((request, response) => {
      response.writeHead(200, { 'Content-Length': 10_000 });
      response.write(echo(request), () => response.socket?.end());
    });
    const failed = await failure(ask(url, 'token:TOKEN', 'query:key:TOKEN'));
    expect(failed).toMatchObject({ reason: 'cut_short', status: 200 });
    expect(failed.partial?.toString()).toContain('Token ****');
    expectNoSecret(failed.partial?.toString() ?? '');
  });
});

it('no failure of a connection shows a secret', async () => {
  for (const url of ['http://127.0.0.1:1/', `https://${'x'.repeat(80)}.invalid/`])
    await failure(ask(url, 'bearer:TOKEN', 'query:key:TOKEN'));
});
