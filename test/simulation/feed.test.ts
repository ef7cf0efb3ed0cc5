import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAnswerClient, PollFailure, type AnswerClient } from '../../src/sources/answer.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import type { FaultInput } from '../../src/simulation/feed/faults.js';
import type { FeedContent } from '../../src/simulation/feed/content.js';
import type { LogEntry } from '../../src/simulation/feed/requestLog.js';
import { startSimulatedFeed, type SimulatedFeed } from '../../src/simulation/feed/server.js';

const FLEET = simulateFleet({ seed: 1, feeds: ['koeln', 'bonn'], stationsPerFeed: 40 });
const NOON_MS = Date.UTC(2026, 5, 15, 10);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Setting {
  now?: () => number;
  logFile?: string;
  contents?: FeedContent[];
  totalTimeoutMs?: number;
}

async function start(setting: Setting = {}): Promise<{ feed: SimulatedFeed; client: AnswerClient }> {
  const { contents = [FLEET], now = () => NOON_MS, totalTimeoutMs = 20_000, logFile } = setting;
  const feed = await startSimulatedFeed({ contents, now, logFile });
  ends.push(() => feed.stop());
  const client = createAnswerClient({
    userAgent: 'ladepuls-test',
    connectTimeoutMs: 2_000,
    totalTimeoutMs,
    maxBodyBytes: 16_000_000,
    maxEncodedBytes: 4_000_000,
    maxSocketsPerHost: 4,
  });
  ends.push(() => client.close());
  return { feed, client };
}

async function failureOf(promise: Promise<unknown>): Promise<PollFailure> {
  const error: unknown = await promise.then(
    () => expect.fail('an answer came where none may be taken for whole'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PollFailure);
  return error as PollFailure;
}

const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex');
const entryOf = (feed: SimulatedFeed): LogEntry => feed.log.at(-1) ?? expect.fail('nothing was logged');

describe('the simulated feed', () => {
  it('answers with the fleet, in gzip where it is asked for, and logs what to whom', async () => {
    const { feed, client } = await start();
    const answer = await client.request(`${feed.url}/koeln`);
    expect(answer.body.toString()).toBe(FLEET.envelope('koeln', NOON_MS));
    expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'application/json' });
    expect(answer.encodedBytes).toBeLessThan(answer.body.length / 5);
    const plain = await fetch(`${feed.url}/koeln`, { headers: { 'Accept-Encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(Buffer.from(await plain.arrayBuffer()).equals(answer.body)).toBe(true);
    expect(feed.log[0]).toEqual({
      feed: 'koeln',
      atMs: NOON_MS,
      status: 200,
      bytes: answer.body.length,
      sha256: sha256(answer.body),
      userAgent: 'ladepuls-test',
      finished: true,
    });
  });

  it('answers 404 for a feed that it has not', async () => {
    const { feed, client } = await start();
    expect((await client.request(`${feed.url}/atlantis`)).status).toBe(404);
    expect(entryOf(feed)).toMatchObject({ feed: 'atlantis', status: 404 });
  });

  it('is controlled over HTTP', async () => {
    const { feed, client } = await start();
    const order = { fault: { kind: 'status', status: 503 }, feeds: ['bonn'], times: 1 };
    const set = (body: string) => fetch(`${feed.url}/_faults`, { method: 'POST', body });
    expect((await set(JSON.stringify(order))).status).toBe(200);
    expect(await (await fetch(`${feed.url}/_faults`)).json()).toEqual([order]);
    expect((await client.request(`${feed.url}/koeln`)).status).toBe(200);
    expect((await client.request(`${feed.url}/bonn`)).status).toBe(503);
    expect((await client.request(`${feed.url}/bonn`)).status).toBe(200);
    const log = (await (await fetch(`${feed.url}/_log`)).json()) as LogEntry[];
    expect(log.map((entry) => [entry.feed, entry.status, entry.fault])).toEqual([
      ['koeln', 200, undefined],
      ['bonn', 503, 'status'],
      ['bonn', 200, undefined],
    ]);
    for (const wrong of ['{"fault":{"kind":"explode"}}', '{"fault":{"kind":"hang"},"times":0}', 'hang']) {
      expect((await set(wrong)).status).toBe(400);
    }
    await set('{"fault":{"kind":"status","status":500}}');
    expect((await client.request(`${feed.url}/koeln`)).status).toBe(500);
    await fetch(`${feed.url}/_faults`, { method: 'DELETE' });
    expect((await client.request(`${feed.url}/koeln`)).status).toBe(200);
    expect((await fetch(`${feed.url}/_nothing`)).status).toBe(404);
  });

  it('keeps its log as JSON lines', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ladepuls-feed-'));
    ends.push(() => rm(folder, { recursive: true }));
    const logFile = path.join(folder, 'feed.jsonl');
    const { feed, client } = await start({ logFile, totalTimeoutMs: 200 });
    await client.request(`${feed.url}/koeln`, { timeoutMs: 20_000 });
    feed.fail({ kind: 'hang' }, { times: 1 });
    await failureOf(client.request(`${feed.url}/bonn`));
    client.close();
    await feed.stop();
    await feed.stop();
    const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as LogEntry)).toEqual(feed.log);
    expect(feed.log).toMatchObject([
      { finished: true },
      { feed: 'bonn', fault: 'hang', status: null, finished: false },
    ]);
  });

  it('gives each fault in the order they were set, to the feeds named, as often as said', async () => {
    const { feed, client } = await start();
    feed.fail({ kind: 'status', status: 500 }, { feeds: ['koeln'], times: 2 });
    feed.fail({ kind: 'status', status: 501 });
    const statuses = [];
    for (const name of ['koeln', 'bonn', 'koeln', 'koeln']) {
      statuses.push((await client.request(`${feed.url}/${name}`)).status);
    }
    expect(statuses).toEqual([500, 501, 500, 501]);
    feed.clearFaults();
    expect((await client.request(`${feed.url}/koeln`)).status).toBe(200);
  });
});

describe('a fault of the simulated feed', () => {
  it.each<[string, FaultInput, string]>([
    ['refuse', { kind: 'refuse' }, 'reset'],
    ['cut by length', { kind: 'cut' }, 'cut_short'],
    ['cut in chunks', { kind: 'cut', where: 'chunks' }, 'cut_short'],
    ['cut in gzip', { kind: 'cut', where: 'gzip' }, 'cut_short'],
    ['wrong encoding', { kind: 'wrong_encoding' }, 'bad_encoding'],
    ['huge', { kind: 'huge' }, 'too_large'],
    ['huge once decompressed', { kind: 'huge', compressed: true }, 'too_large'],
  ])('%s is a failure', async (_, fault, reason) => {
    const { feed, client } = await start();
    feed.fail(fault, { times: 1 });
    const failed = await failureOf(client.request(`${feed.url}/koeln`));
    expect(failed.reason).toBe(reason);
    expect(entryOf(feed)).toMatchObject({ fault: fault.kind });
    if (fault.kind === 'cut') expect(failed.partial?.toString()).toMatch(/^\{"data":\[\{"id"/);
    expect((await client.request(`${feed.url}/koeln`)).status).toBe(200);
  });

  it.each<FaultInput>([{ kind: 'hang' }, { kind: 'slow' }])(
    '$kind lasts until the time is over',
    async (fault) => {
      const { feed, client } = await start({ totalTimeoutMs: 1_000 });
      feed.fail(fault, { times: 1 });
      const failed = await failureOf(client.request(`${feed.url}/koeln`));
      expect(failed.reason).toBe('timeout');
      expect(failed.partial === undefined).toBe(fault.kind === 'hang');
      expect(entryOf(feed)).toMatchObject({ finished: false });
    },
  );

  it('slow comes whole to who waits', async () => {
    const { feed, client } = await start();
    feed.fail({ kind: 'slow', bytesPerSecond: 500_000 });
    const answer = await client.request(`${feed.url}/koeln`);
    expect(answer.body.toString()).toBe(FLEET.envelope('koeln', NOON_MS));
  });

  it('status comes as an answer, 429 with a time to wait', async () => {
    const { feed, client } = await start();
    feed.fail({ kind: 'status', status: 429 }, { times: 1 });
    expect(await client.request(`${feed.url}/koeln`)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '30' },
    });
    feed.fail({ kind: 'status', status: 503, retryAfterSeconds: 5 }, { times: 1 });
    expect(await client.request(`${feed.url}/koeln`)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    });
  });

  it.each<[FaultInput, (body: string) => void]>([
    [{ kind: 'html' }, (body) => expect(body).toMatch(/^<!DOCTYPE html>/)],
    [
      { kind: 'empty_data' },
      (body) => expect(JSON.parse(body)).toMatchObject({ data: [], status_code: 1000 }),
    ],
    [{ kind: 'status_code' }, (body) => expect(JSON.parse(body)).toMatchObject({ status_code: 3000 })],
    [{ kind: 'truncated_json' }, (body) => expect(() => void JSON.parse(body)).toThrow(SyntaxError)],
    [{ kind: 'wrong_encoding', encoding: 'latin1' }, (body) => expect(body).toContain('K\uFFFDln')],
    [{ kind: 'charset', charset: 'iso-8859-1' }, (body) => expect(body).toContain('K\uFFFDln')],
    [
      { kind: 'charset', charset: 'utf-8', declared: null, byteOrderMark: true },
      (body) => expect(body).toBe(`\uFEFF${FLEET.envelope('koeln', NOON_MS)}`),
    ],
    [{ kind: 'gzip_file' }, (body) => expect(body.startsWith('\u001F\uFFFD')).toBe(true)],
    [{ kind: 'other_feed', feed: 'bonn' }, (body) => expect(body).toBe(FLEET.envelope('bonn', NOON_MS))],
  ])('%o comes whole, with 200, and is for the source to judge', async (fault, judge) => {
    const { feed, client } = await start();
    feed.fail(fault, { times: 1 });
    const answer = await client.request(`${feed.url}/koeln`);
    expect(answer.status).toBe(200);
    expect(entryOf(feed)).toMatchObject({ sha256: sha256(answer.body), finished: true, fault: fault.kind });
    judge(answer.body.toString());
  });

  it('partial comes with 206 and half of the stations', async () => {
    const { feed, client } = await start();
    const whole = JSON.parse(FLEET.envelope('koeln', NOON_MS)) as { data: unknown[] };
    feed.fail({ kind: 'partial' }, { times: 1 });
    const { status, body } = await client.request(`${feed.url}/koeln`);
    expect(status).toBe(206);
    expect(JSON.parse(body.toString())).toEqual({ ...whole, data: whole.data.slice(0, whole.data.length >> 1) });
  });

  it('frozen repeats the statuses with a fresh timestamp', async () => {
    let clock = NOON_MS;
    const { feed, client } = await start({ now: () => clock });
    await client.request(`${feed.url}/koeln`);
    feed.fail({ kind: 'frozen' }, { times: 2 });
    for (const hours of [6, 12]) {
      clock = NOON_MS + hours * 3_600_000;
      const body = (await client.request(`${feed.url}/koeln`)).body.toString();
      expect(body).toBe(FLEET.envelope('koeln', NOON_MS, clock));
      expect(body).not.toBe(FLEET.envelope('koeln', NOON_MS));
    }
    expect((await client.request(`${feed.url}/koeln`)).body.toString()).toBe(FLEET.envelope('koeln', clock));
  });

  it('uses up nothing of a recording', async () => {
    const counted: FeedContent = {
      feeds: ['koeln'],
      answer: ({ count }) => Promise.resolve(JSON.stringify({ data: [], count })),
    };
    const { feed, client } = await start({ contents: [counted] });
    const count = async () => (await client.request(`${feed.url}/koeln`)).body.toString();
    expect(await count()).toContain('"count":0');
    feed.fail({ kind: 'refuse' }, { times: 1 });
    await failureOf(client.request(`${feed.url}/koeln`));
    feed.fail({ kind: 'cut' }, { times: 1 });
    await failureOf(client.request(`${feed.url}/koeln`));
    feed.fail({ kind: 'frozen' }, { times: 1 });
    expect(await count()).toContain('"count":0');
    expect(await count()).toContain('"count":1');
  });

  it('huge is held neither by the feed nor by the client', async () => {
    const { feed, client } = await start();
    feed.fail({ kind: 'huge' });
    const read = () =>
      new Promise<number>((resolve, reject) => {
        get(`${feed.url}/koeln`, (response) => {
          let bytes = 0;
          response.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('end', () => resolve(bytes));
        }).on('error', reject);
      });
    // The first round allocates the pools that later rounds use.
    await read();
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
    ends.push(() => clearInterval(watch));
    expect(await read()).toBe(100_000_000);
    for (let round = 0; round < 3; round++) await failureOf(client.request(`${feed.url}/koeln`));
    expect((most - before) / 1e6).toBeLessThan(50);
    await vi.waitFor(() =>
      expect(entryOf(feed)).toMatchObject({ status: 200, bytes: 100_000_000, finished: false }),
    );
  });
});
