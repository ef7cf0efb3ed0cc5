import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type LoadBench, makeBench } from '../../warehouse/support/loads.js';
import { openWeb } from './support/web.js';

let bench: LoadBench & { remove: () => Promise<void> };

beforeAll(async () => {
  bench = await makeBench();
});
afterAll(() => bench.remove());

const PREFLIGHT = { 'access-control-request-method': 'GET' };

async function open(origins: string[]) {
  const web = await openWeb(bench.url, { origins });
  onTestFinished(() => web.close());
  /**
   * Return the cross-origin headers for pages of an origin, in four responses: a new one, a cached one, an error and a
   * preflight.
   */
  return async (origin: string) => {
    const headers = { origin };
    const answers = [
      await web.get('/v1/feeds', headers),
      await web.get('/v1/feeds', headers),
      await web.get('/v1/stations?limit=0', headers),
      await web.server.inject({ method: 'OPTIONS', url: '/v1/feeds', headers: { origin, ...PREFLIGHT } }),
    ];
    return answers.map((answer) => ({
      status: answer.statusCode,
      allowed: answer.headers['access-control-allow-origin'],
      vary: answer.headers.vary,
      methods: answer.headers['access-control-allow-methods'],
      exposed: answer.headers['access-control-expose-headers'],
    }));
  };
}

it("is for no other origin's pages unless it is set", async () => {
  const ask = await open([]);
  const nothing = { allowed: undefined, methods: undefined, exposed: undefined };
  expect(await ask('https://elsewhere.example')).toMatchObject([
    { status: 200, ...nothing },
    { status: 200, ...nothing },
    { status: 400, ...nothing },
    { status: 204, ...nothing },
  ]);
});

it('is for the pages of those that are set, and caches in between keep them apart', async () => {
  const ask = await open(['https://maps.example', 'http://127.0.0.1:5173']);
  for (const origin of ['https://maps.example', 'http://127.0.0.1:5173']) {
    const read = { status: 200, allowed: origin, vary: 'Origin, accept-encoding' };
    expect(await ask(origin)).toMatchObject([
      { ...read, exposed: 'etag, link, x-total-count, x-limit' },
      read,
      { status: 400, allowed: origin, vary: 'Origin' },
      { status: 204, allowed: origin, methods: 'GET, HEAD' },
    ]);
  }
  for (const origin of [
    'https://elsewhere.example',
    'http://maps.example',
    'https://maps.example.evil',
    'null',
  ])
    for (const answer of await ask(origin)) {
      expect([origin, answer.allowed]).toEqual([origin, undefined]);
      expect(answer.vary).toContain('Origin');
    }
});

it('is for all pages with *, and never with credentials', async () => {
  const ask = await open(['*']);
  for (const { allowed } of await ask('https://elsewhere.example')) expect(allowed).toBe('*');
});
