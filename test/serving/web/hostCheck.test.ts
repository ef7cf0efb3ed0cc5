import { connect } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerOptions } from '../../../src/serving/web/server.js';
import { openWeb } from './support/web.js';

/** Address of no warehouse, because these requests need none. */
const NO_WAREHOUSE = 'postgres://nobody@127.0.0.1:1/nothing';
const PATH = '/ocpi/versions';

/** Start an API that listens on an address, and return how it responds to Host headers; null stands for no header. */
async function listening(listenAt: string, options: Partial<ServerOptions> = {}) {
  const web = await openWeb(NO_WAREHOUSE, { host: listenAt, ...options });
  onTestFinished(() => web.close());
  await web.server.listen({ host: listenAt, port: 0 });
  const [address] = web.server.addresses();
  if (typeof address !== 'object') return expect.fail('it listens nowhere');
  return async (host: string | null, path = PATH, further = '') => {
    const { port } = address;
    const to = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address.address] ?? address.address;
    const socket = connect(port, to);
    const named = host === null ? '' : `Host: ${host.replace('PORT', String(port))}\r\n`;
    const version = host === null ? '1.0' : '1.1';
    socket.write(`GET ${path} HTTP/${version}\r\n${named}${further}Connection: close\r\n\r\n`);
    const answer = await text(socket);
    return { status: Number(answer.split(' ')[1]), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) };
  };
}

const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
/** Return the addresses at which this machine can listen: without IPv6, no IPv6 address. */
const reachable = (hosts: string[]) =>
  hosts.filter((host) => !host.includes(':') || addresses.some(({ family }) => family === 'IPv6'));

const OWN = [
  'localhost',
  'localhost:PORT',
  'LocalHost.:PORT',
  '127.0.0.1',
  '127.0.0.1:PORT',
  '127.1.2.3:80',
  '[::1]',
  '[::1]:PORT',
  '[0:0:0:0:0:0:0:1]:PORT',
  hostname(),
  `${hostname().toUpperCase()}:PORT`,
  `${hostname().split('.')[0]}.local:PORT`,
];
const FOREIGN = [
  'rebound.example',
  'rebound.example:PORT',
  'localhost.rebound.example',
  '127.0.0.1.rebound.example',
  'rebound-localhost',
  '0.0.0.0:PORT',
  '192.168.1.7:PORT',
  '[fe80::1]:PORT',
  '2130706433',
];
const NONSENSE = [
  '',
  'a b',
  '[',
  '[::1',
  'a/b',
  'me@localhost',
  'localhost:x',
  'localhost:1:2',
  '"><script>',
];

describe('an API that listens on loopback', () => {
  it.each(reachable(['127.0.0.1', '::1', 'localhost']))(
    '%s answers to the names of its machine alone',
    async (host) => {
      const ask = await listening(host);
      const statuses = async (hosts: string[]) => {
        const answers: [string, number][] = [];
        for (const asked of hosts) answers.push([asked, (await ask(asked)).status]);
        return answers;
      };
      expect(await statuses(OWN)).toEqual(OWN.map((asked) => [asked, 200]));
      expect(await statuses(FOREIGN)).toEqual(FOREIGN.map((asked) => [asked, 421]));
      expect(await statuses(NONSENSE)).toEqual(NONSENSE.map((asked) => [asked, 400]));
      // A missing header is accepted: browsers always send it, and health checks of load balancers may not.
      expect((await ask(null, '/v1/nothing')).status).toBe(404);
    },
  );

  it('refuses everywhere, and says what to do, but nothing of this machine', async () => {
    const ask = await listening('127.0.0.1');
    for (const path of ['/', '/docs', '/docs/json', '/health', '/v1/stations', '/nothing'])
      expect([path, (await ask('rebound.example', path)).status]).toEqual([path, 421]);
    const { body } = await ask('rebound.example:PORT');
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Misdirected Request',
      status: 421,
      detail:
        '"rebound.example" is not a known name of this API: use localhost, or add the name to LADEPULS_API_NAMES.',
    });
  });

  it('is not deceived by what a page can send along', async () => {
    const ask = await listening('127.0.0.1', { proxies: 1 });
    for (const header of ['X-Forwarded-Host: localhost', 'Forwarded: host=localhost', 'Host: localhost'])
      expect([header, (await ask('rebound.example', PATH, `${header}\r\n`)).status]).toEqual([header, 421]);
  });

  it('answers to further names that it is given, such as those that a proxy before it passes on', async () => {
    const ask = await listening('127.0.0.1', { names: ['Charging.example.org'] });
    expect((await ask('charging.example.org')).status).toBe(200);
    expect((await ask('rebound.example')).status).toBe(421);
  });
});

describe('an API that others reach', () => {
  it.each(reachable(['0.0.0.0', '::']))('at %s answers to any name', async (host) => {
    const ask = await listening(host);
    for (const asked of [...OWN, ...FOREIGN])
      expect([asked, (await ask(asked)).status]).toEqual([asked, 200]);
    for (const asked of NONSENSE) expect([asked, (await ask(asked)).status]).toEqual([asked, 400]);
  });

  it('answers, once it is given its names, to them and to addresses, which probes ask for', async () => {
    const ask = await listening('0.0.0.0', { names: ['api.example'] });
    for (const asked of ['api.example', 'localhost', '10.1.2.3:8080', '[fd00::1]'])
      expect([asked, (await ask(asked)).status]).toEqual([asked, 200]);
    expect((await ask('rebound.example')).status).toBe(421);
  });

  it('names itself to OCPI as its proxy says, and refuses nonsense', async () => {
    const ask = await listening('127.0.0.1', { proxies: 1 });
    const forwarded = (host: string, scheme = 'https') =>
      ask('localhost', PATH, `X-Forwarded-Host: ${host}\r\nX-Forwarded-Proto: ${scheme}\r\n`);
    expect((await forwarded('api.example')).body).toContain('"https://api.example/ocpi/2.2.1"');
    expect((await forwarded('api.example', 'javascript')).body).toContain('"http://api.example/ocpi/2.2.1"');
    expect((await forwarded('a b/"c')).status).toBe(400);
    const plain = await listening('127.0.0.1');
    expect((await plain('localhost', PATH, 'X-Forwarded-Host: api.example\r\n')).body).toContain(
      '"http://localhost/ocpi/2.2.1"',
    );
  });
});
