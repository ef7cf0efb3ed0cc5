import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotOf } from '../../../src/domain/slot.js';
import { dayOf } from '../../../src/domain/day.js';
import { envelope, point, putPoll, station, ZONE } from '../../cleaning/support/polls.js';
import { type LoadBench, loadDay, makeBench } from '../../warehouse/support/loads.js';
import { keepAll, openWeb, type TestWeb } from './support/web.js';

let bench: LoadBench & { remove: () => Promise<void> };
let web: TestWeb;

beforeAll(async () => {
  bench = await makeBench();
  const slot = slotOf(Date.now(), 10) - 600_000;
  const points = Array.from({ length: 30 }, (_, index) => point(`1${index}`));
  await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', points, { city: 'Köln' })]) });
  await loadDay(bench, dayOf(slot, ZONE));
  await keepAll(bench);
  web = await openWeb(bench.url, { requestsPerMinute: 200 });
});

afterAll(async () => {
  await web.close();
  await bench.remove();
});

const DATA = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const DOCS =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const heads = (policy: string) => ({
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
});

describe('every answer tells browsers what it may not do', () => {
  it.each([
    ['/', 200, PAGE],
    ['/dashboard/hours.svg', 200, PAGE],
    ['/docs', 200, DOCS],
    ['/docs/static/swagger-ui.css', 200, DOCS],
    ['/docs/json', 200, DOCS],
    ['/v1/charging-points', 200, DATA],
    ['/v1/stations.geojson', 200, DATA],
    ['/ocpi/2.2.1/locations', 200, DATA],
    ['/health', 200, DATA],
    ['/nowhere', 404, DATA],
    ['/v1/stations?limit=0', 400, DATA],
    ['/v1/%zz', 400, DATA],
    [`/v1/charging-points/${'x'.repeat(700)}`, 414, DATA],
  ])('%s, which is %i', async (path, status, policy) => {
    const first = await web.get(path);
    expect([first.statusCode, first.headers]).toEqual([status, expect.objectContaining(heads(policy))]);
    // The second response may be cached, and a HEAD request may take another path in the server.
    const second = await web.get(path, { 'accept-encoding': 'gzip' });
    expect(second.headers).toMatchObject(heads(policy));
    const head = await web.server.inject({ method: 'HEAD', url: path });
    expect([head.statusCode, head.headers]).toEqual([status, expect.objectContaining(heads(policy))]);
    for (const { headers } of [first, second, head])
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['server', 'x-powered-by']));
  });

  it('compressed ones, those that nothing changed in, refused methods, and those asked too often', async () => {
    const path = '/v1/charging-points?limit=20';
    const { headers } = await web.get(path, { 'accept-encoding': 'gzip' });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', ...heads(DATA) });
    const same = await web.get(path, { 'if-none-match': String(headers.etag) });
    expect([same.statusCode, same.headers]).toEqual([304, expect.objectContaining(heads(DATA))]);
    const posted = await web.server.inject({ method: 'POST', url: '/', payload: {} });
    expect([posted.statusCode, posted.headers]).toEqual([405, expect.objectContaining(heads(DATA))]);
    const narrow = await openWeb(bench.url, { requestsPerMinute: 1 });
    await narrow.get('/v1/feeds');
    const tooOften = await narrow.get('/v1/feeds');
    expect([tooOften.statusCode, tooOften.headers]).toEqual([429, expect.objectContaining(heads(DATA))]);
    await narrow.close();
  });
});

it('monitors may ask for its health as often as they like', async () => {
  const narrow = await openWeb(bench.url, { requestsPerMinute: 2 });
  for (let asked = 0; asked < 20; asked++) expect((await narrow.get('/health')).statusCode).toBe(200);
  expect((await narrow.get('/health')).headers).not.toHaveProperty('ratelimit-limit');
  // These requests did not count against the limit.
  expect((await narrow.get('/v1/feeds')).statusCode).toBe(200);
  await narrow.close();
});

describe('the address that the limit of requests counts by', () => {
  const statuses = async (proxies: number, forwarded: string[]) => {
    const narrow = await openWeb(bench.url, { requestsPerMinute: 1, proxies });
    const found: number[] = [];
    for (const addresses of forwarded)
      found.push((await narrow.get('/v1/feeds', { 'x-forwarded-for': addresses })).statusCode);
    await narrow.close();
    return found;
  };

  it('is the one that the nearest proxy names, whatever the asker writes before it', async () => {
    expect(await statuses(1, ['1.1.1.1, 9.9.9.9', '2.2.2.2, 9.9.9.9', '3.3.3.3'])).toEqual([200, 429, 200]);
    expect(await statuses(2, ['1.1.1.1, 9.9.9.9', '1.1.1.1, 8.8.8.8', '5, 2.2.2.2, 9.9.9.9'])).toEqual([
      200, 429, 200,
    ]);
  });

  it("is the asker's own where there is no proxy", async () => {
    expect(await statuses(0, ['1.1.1.1', '2.2.2.2'])).toEqual([200, 429]);
  });
});
