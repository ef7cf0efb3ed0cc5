import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type LookupFunction, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressRange } from '../../src/sources/addressRange.js';
import { createAnswerClient, PollFailure, type AnswerClientOptions } from '../../src/sources/answer.js';
import { SELF_SIGNED } from './support/selfSigned.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Represents an address of the public Internet. Tests must not connect to a real one. */
const OUTSIDE = '127.0.0.99';
const rangeOf = (address: string) => (address === OUTSIDE ? 'unicast' : addressRange(address));

function client(options: Partial<AnswerClientOptions> = {}) {
  const created = createAnswerClient({
    userAgent: 'ladepuls-test',
    connectTimeoutMs: 2_000,
    totalTimeoutMs: 5_000,
    maxBodyBytes: 1_000_000,
    maxEncodedBytes: 500_000,
    maxSocketsPerHost: 2,
    rangeOf,
    ...options,
  });
  ends.push(() => created.close());
  return created;
}

interface Listening {
  url: string;
  port: number;
  /** Paths that were requested. */
  asked: string[];
  server: Server;
}

async function listen(host: string, listener: RequestListener, tls?: object): Promise<Listening> {
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  };
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.listen(0, host);
  await once(server, 'listening');
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  ends.push(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const scheme = tls ? 'https' : 'http';
  return { url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`, port, asked, server };
}

const internal = (host = '127.0.0.1') => listen(host, (_, response) => response.end('secret'));
const redirecting = (host: string, location: string, status = 302) =>
  listen(host, (_, response) => response.writeHead(status, { Location: location }).end());

/** Create a resolver. Each lookup of a name returns the next of its results; `asked` lists the looked-up names. */
function resolver(names: Record<string, string[][]>): { lookup: LookupFunction; asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, { all }, callback) => {
    const answers = names[hostname] ?? [];
    const times = asked.filter((name) => name === hostname).length;
    asked.push(hostname);
    const found = (answers[times] ?? answers.at(-1) ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    if (all) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };
  return { lookup, asked };
}

async function failure(promise: Promise<unknown>): Promise<PollFailure> {
  const error: unknown = await promise.then(
    () => expect.fail('an answer came'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PollFailure);
  return error as PollFailure;
}

describe('a redirect of a feed outside is refused', () => {
  it.each(['127.0.0.1', '127.0.0.2', '::1'])('to %s, by its address', async (host) => {
    const secret = await internal(host);
    const feed = await redirecting(OUTSIDE, `${secret.url}/admin`);
    expect(await failure(client().request(feed.url))).toMatchObject({
      reason: 'redirect_refused',
      status: 302,
    });
    expect(secret.asked).toEqual([]);
  });

  it.each([
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:10.1.2.3]/',
    'http://[64:ff9b::10.1.2.3]/',
    'http://[2002:7f00:1::]/',
    'http://[::7f00:1]/',
    'http://[::10.1.2.3]/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[ff02::1]/',
    'https://127.0.0.1/',
    '//127.0.0.1/',
    'file:///etc/passwd',
  ])('to %s, however it is written', async (location) => {
    const feed = await redirecting(OUTSIDE, location);
    expect((await failure(client().request(feed.url))).reason).toBe('redirect_refused');
  });

  it('to a name that resolves to an internal address, or to one among others', async () => {
    const secret = await internal();
    const { lookup } = resolver({ inside: [['127.0.0.1']], mixed: [[OUTSIDE, '127.0.0.1']] });
    for (const name of ['inside', 'mixed']) {
      const feed = await redirecting(OUTSIDE, `http://${name}:${secret.port}/`);
      const refused = await failure(client({ lookup }).request(feed.url));
      expect(refused.reason).toBe('redirect_refused');
      expect(refused.message).toContain('127.0.0.1');
    }
    expect(secret.asked).toEqual([]);
  });

  it('at any hop: also where the first one leads to a public address', async () => {
    const secret = await internal();
    const second = await redirecting(OUTSIDE, secret.url);
    const feed = await redirecting(OUTSIDE, second.url);
    expect((await failure(client().request(feed.url))).reason).toBe('redirect_refused');
    expect(second.asked).toHaveLength(1);
    expect(secret.asked).toEqual([]);
  });

  it('although a connection to that host is kept, which another feed is configured with', async () => {
    const secret = await internal();
    const { lookup } = resolver({ intranet: [['127.0.0.1']] });
    const polling = client({ lookup });
    const configured = `http://intranet:${secret.port}/`;
    expect((await polling.request(configured)).body.toString()).toBe('secret');
    const feed = await redirecting(OUTSIDE, configured);
    expect((await failure(polling.request(feed.url))).reason).toBe('redirect_refused');
    expect(secret.asked).toHaveLength(1);
  });

  it('although a redirect of a feed inside has led there, over a connection that is kept', async () => {
    const secret = await internal();
    const { lookup } = resolver({ intranet: [['127.0.0.1']] });
    const polling = client({ lookup });
    const target = `http://intranet:${secret.port}/`;
    const inside = await redirecting('127.0.0.1', target);
    expect((await polling.request(inside.url)).body.toString()).toBe('secret');
    const outside = await redirecting(OUTSIDE, target);
    expect((await failure(polling.request(outside.url))).reason).toBe('redirect_refused');
    expect(secret.asked).toHaveLength(1);
  });
});

it('a name is resolved once: what it resolves to afterwards is not connected to', async () => {
  const secret = await internal();
  const outside = await listen(OUTSIDE, (_, response) => response.end('public'));
  // DNS rebinding: the first lookup, for the check, returns a public address; the next, for connecting, an internal
  // one.
  const { lookup, asked } = resolver({ rebound: [[OUTSIDE], ['127.0.0.1']] });
  const feed = await listen(OUTSIDE, (request, response) => {
    const port = request.url === '/secret' ? secret.port : outside.port;
    response.writeHead(307, { Location: `http://rebound:${port}/` }).end();
  });
  expect((await client({ lookup }).request(feed.url)).body.toString()).toBe('public');
  expect(asked).toEqual(['rebound']);

  const again = resolver({ rebound: [[OUTSIDE], ['127.0.0.1']] });
  // No server listens on this port of the public address. The server on the internal address must not be reached.
  expect((await failure(client(again).request(`${feed.url}/secret`))).reason).toBe('refused');
  expect(again.asked).toEqual(['rebound']);
  expect(secret.asked).toEqual([]);
});

describe('a redirect is followed', () => {
  it('from a feed outside to a public address, by name too', async () => {
    const other = await listen(OUTSIDE, (_, response) => response.end('moved'));
    const { lookup } = resolver({ moved: [[OUTSIDE]] });
    for (const location of [other.url, `http://moved:${other.port}/`]) {
      const feed = await redirecting(OUTSIDE, location, 308);
      expect((await client({ lookup }).request(feed.url)).body.toString()).toBe('moved');
    }
  });

  it.each(['127.0.0.1', '127.0.0.2', '::1'])('from a feed on loopback to %s', async (host) => {
    const other = await internal(host);
    const feed = await redirecting('127.0.0.1', other.url);
    expect((await client().request(feed.url)).body.toString()).toBe('secret');
  });

  it('from a feed on loopback, and not to an internal address of another kind', async () => {
    for (const location of ['http://169.254.169.254/', 'http://10.1.2.3/', 'http://[fd00::1]/']) {
      const feed = await redirecting('127.0.0.1', location);
      expect((await failure(client().request(feed.url))).reason).toBe('redirect_refused');
    }
  });

  it('within one host, over connections that are kept', async () => {
    const feed = await listen(OUTSIDE, (request, response) => {
      if (request.url === '/feed') response.end('there');
      else response.writeHead(301, { Location: '/feed' }).end();
    });
    const polling = client();
    for (let times = 0; times < 3; times++)
      expect((await polling.request(`${feed.url}/`)).body.toString()).toBe('there');
  });
});

describe('through a proxy of the environment', () => {
  /** A proxy that requests any address, like a company's proxy, and resolves every name to this machine. */
  async function proxy(): Promise<Listening> {
    const listening = await listen('127.0.0.1', (request, response) => {
      const { port, pathname } = new URL(request.url ?? '');
      get({ host: '127.0.0.1', port, path: pathname }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
    });
    listening.server.on('connect', (request: IncomingMessage, socket: Socket) => {
      listening.asked.push(request.url ?? '');
      const port = Number(request.url?.split(':').at(-1));
      const through = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      for (const end of [socket, through]) end.on('error', () => undefined);
      ends.push(() => [socket, through].forEach((end) => end.destroy()));
    });
    return listening;
  }

  function useProxy({ url }: Listening, noProxy = ''): void {
    const set = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: noProxy };
    for (const [name, value] of Object.entries(set)) {
      vi.stubEnv(name.toLowerCase(), undefined);
      vi.stubEnv(name, value);
    }
    ends.push(() => vi.unstubAllEnvs());
  }

  it('a feed is asked, and a redirect within its host is followed', async () => {
    const through = await proxy();
    const feed = await listen('127.0.0.1', (request, response) => {
      if (request.url === '/there') response.end('there');
      else response.writeHead(302, { Location: '/there' }).end();
    });
    useProxy(through);
    const url = `http://feed.example:${feed.port}`;
    expect((await client().request(`${url}/`)).body.toString()).toBe('there');
    expect(through.asked).toEqual([`${url}/`, `${url}/there`]);
  });

  it('the same by TLS', async () => {
    const through = await proxy();
    const feed = await listen(
      '127.0.0.1',
      (request, response) => {
        if (request.url === '/there') response.end('there');
        else response.writeHead(302, { Location: '/there' }).end();
      },
      SELF_SIGNED,
    );
    trustAnyone();
    useProxy(through);
    expect((await client().request(`https://feed.example:${feed.port}/`)).body.toString()).toBe('there');
    expect(new Set(through.asked)).toEqual(new Set([`feed.example:${feed.port}`]));
  });

  it.each(['inside', '127.0.0.1'])('a redirect to another host is refused, such as %s', async (host) => {
    const through = await proxy();
    const secret = await internal();
    const feed = await redirecting('127.0.0.1', `http://${host}:${secret.port}/`);
    useProxy(through);
    const refused = await failure(client().request(`http://feed.example:${feed.port}/`));
    expect(refused).toMatchObject({ reason: 'redirect_refused', status: 302 });
    expect(refused.message).toContain('not allowed when a proxy is used');
    expect(secret.asked).toEqual([]);
  });

  it('the address of the proxy lets no feed redirect to hosts beside it, which are asked without the proxy', async () => {
    const through = await proxy();
    const secret = await internal();
    const feed = await redirecting('127.0.0.1', `http://127.0.0.1:${secret.port}/`);
    useProxy(through, '127.0.0.1');
    expect((await failure(client().request(`http://feed.example:${feed.port}/`))).reason).toBe(
      'redirect_refused',
    );
    expect(secret.asked).toEqual([]);
  });

  it('a feed that is asked without it redirects to no host that is asked with it', async () => {
    const through = await proxy();
    const secret = await internal();
    const feed = await redirecting(OUTSIDE, `http://inside:${secret.port}/`);
    useProxy(through, OUTSIDE);
    expect((await failure(client().request(feed.url))).reason).toBe('redirect_refused');
    expect(through.asked).toEqual([]);
  });
});

it('a redirect out of TLS is refused, and one within TLS is followed', async () => {
  const plain = await internal();
  const secure = await listen(
    '127.0.0.1',
    (request, response) => {
      if (request.url === '/there') response.end('there');
      else response.writeHead(302, { Location: request.url === '/within' ? '/there' : plain.url }).end();
    },
    SELF_SIGNED,
  );
  trustAnyone();
  expect((await client().request(`${secure.url}/within`)).body.toString()).toBe('there');
  const refused = await failure(client().request(`${secure.url}/out`));
  expect(refused).toMatchObject({ reason: 'redirect_refused', status: 302 });
  expect(refused.message).toContain('from https: to http:');
  expect(plain.asked).toEqual([]);
});

it('a redirect to no address is none, and one without an address is the answer itself', async () => {
  const feed = await redirecting(OUTSIDE, 'http://:80');
  expect((await failure(client().request(feed.url))).reason).toBe('redirects');
  const bare = await listen(OUTSIDE, (_, response) => response.writeHead(302).end('nowhere'));
  expect(await client().request(bare.url)).toMatchObject({ status: 302 });
});

/** Accept any certificate until the end of the test, because the server's certificate is self-signed. */
function trustAnyone(): void {
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  ends.push(() => {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  });
}
