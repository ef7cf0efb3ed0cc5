import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { DEFAULT_FEEDS } from '../../src/sources/chargecloud/feeds.js';
import { Command } from './support/command.js';

let feed: SimulatedFeed;

beforeAll(async () => {
  const fleet = simulateFleet({ seed: 1, feeds: ['bonn', 'kiel'], stationsPerFeed: { bonn: 3, kiel: 0 } });
  feed = await startSimulatedFeed({ contents: [fleet] });
});
afterAll(() => feed.stop());

/** `ladepuls feeds` on one new home. */
function newHome(settings: Record<string, string> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'ladepuls-feeds-'));
  onTestFinished(() => rm(home, { recursive: true }));
  return async (...args: string[]) => {
    const env = { LADEPULS_HOME: home, LADEPULS_CHARGECLOUD_URL: feed.url, ...settings };
    const command = new Command(['feeds', ...args], env, home);
    const code = await command.exited();
    return { home, code, stdout: command.stdout, stderr: command.stderr };
  };
}

async function namesOf(feeds: ReturnType<typeof newHome>): Promise<string[]> {
  const { stdout } = await feeds('list', '--json');
  return (JSON.parse(stdout) as { feeds: { name: string }[] }).feeds.map(({ name }) => name);
}

describe('ladepuls feeds', { timeout: 60_000 }, () => {
  it('has the 38 feeds of the collection where nothing else is said', async () => {
    expect(await namesOf(newHome())).toEqual(DEFAULT_FEEDS);
  });

  it('keeps what is added and removed without anything running', async () => {
    const feeds = newHome({ LADEPULS_FEEDS: 'bonn' });
    expect(await feeds('add', 'SW-Stuttgart')).toMatchObject({ code: 0 });
    const url = 'http://127.0.0.1:1/locations.json';
    expect(await feeds('add', 'herrenberg', '--source', 'ocpi', '--url', url)).toMatchObject({ code: 0 });
    expect(await feeds('remove', 'bonn')).toMatchObject({ code: 0 });
    expect(await namesOf(feeds)).toEqual(['SW-Stuttgart', 'herrenberg']);
    expect((await feeds('list')).stdout).toMatch(new RegExp(`herrenberg.*ocpi.*${url}`));
  });

  it('shows no secret of an address', async () => {
    const feeds = newHome({ LADEPULS_FEEDS: 'bonn' });
    const url = 'http://me:pass-word@127.0.0.1:1/locations.json?key=4711';
    const shown = 'http://…@127.0.0.1:1/locations.json?key=…';
    const told = [
      await feeds('add', 'herrenberg', '--source', 'ocpi', '--url', url, '--json'),
      await feeds('list', '--json'),
      await feeds('list'),
      await feeds('pause', 'bonn', '--json'),
    ];
    for (const { code, stdout } of told) {
      expect(code).toBe(0);
      expect(stdout).toContain(shown);
    }
    told.push(await feeds('check'), await feeds('check', '--json'));
    told.push(await feeds('add', 'other', '--source', 'ocpi', '--url', `${url} `));
    expect(told.at(-1)).toMatchObject({ code: 1, stderr: expect.stringContaining(shown) as string });
    expect(JSON.stringify(told)).not.toMatch(/pass-word|4711/);
  });

  it('shows of a secret its kind and name', async () => {
    const feeds = newHome({ LADEPULS_FEEDS: 'bonn', LADEPULS_SECRET_KEY: 'apikey-4711' });
    const url = 'https://example.org/locations';
    const auth = ['--auth', 'certificate:CERT:PASS', '--auth', 'header:X-API-Key:KEY'];
    const { code, stdout } = await feeds('add', 'x', '--source', 'ocpi', '--url', url, ...auth);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(1, 3)).toEqual([
      'Set LADEPULS_SECRET_CERT, or LADEPULS_SECRET_CERT_FILE, in the environment of the worker, and start the worker again.',
      'Set LADEPULS_SECRET_PASS, or LADEPULS_SECRET_PASS_FILE, in the environment of the worker, and start the worker again.',
    ]);
    expect((await feeds('list')).stdout).toMatch(/x .*certificate:CERT:PASS header:X-API-Key:KEY/);
    expect((await feeds('set', 'x', '--auth', 'none')).code).toBe(0);
    expect((await feeds('list', '--json')).stdout).not.toContain('auth');
  });

  it('never repeats what stands in place of the name of a secret', async () => {
    const feeds = newHome({ LADEPULS_FEEDS: 'bonn' });
    const told = await feeds('set', 'bonn', '--auth', 'token:s3cr3t-4711');
    expect(told).toMatchObject({ code: 1, stderr: expect.stringContaining('not with the secret') as string });
    expect(JSON.stringify(told)).not.toContain('4711');
  });

  it('says when others can read a secret on the way', async () => {
    const feeds = newHome({ LADEPULS_FEEDS: 'bonn', LADEPULS_SECRET_KEY: 'k' });
    const set = (url: string) => feeds('set', 'bonn', '--url', url, '--auth', 'bearer:KEY');
    expect((await set('http://example.org/')).stdout).toContain('The address has no https');
    expect((await set('http://127.0.0.1:1/')).stdout).not.toContain('https');
  });

  it('has an interval and a limit of a feed of its own', async () => {
    const feeds = newHome({ LADEPULS_FEEDS: 'bonn kiel' });
    expect(await feeds('set', 'bonn', '--interval', '30m', '--max-body', '60MB')).toMatchObject({ code: 0 });
    expect((await feeds('list')).stdout).toMatch(/bonn .*30 min .*60 MB/);
    expect(JSON.parse((await feeds('list', '--json')).stdout)).toMatchObject({
      intervalMinutes: 10,
      feeds: [{ name: 'bonn', interval_minutes: 30, max_body_bytes: 60_000_000 }, { name: 'kiel' }],
    });
    await feeds('set', 'bonn', '--interval', 'default', '--max-body', 'default');
    expect((await feeds('list', '--json')).stdout).not.toMatch(/interval_minutes|max_body/);
  });

  it.each([
    [['set', 'bonn', '--interval', '7m'], 'divide an hour'],
    [['set', 'bonn', '--interval', '0m'], 'divide an hour'],
    [['set', 'bonn', '--interval', '30s'], 'divide an hour'],
    [['set', 'bonn', '--interval', '2d'], 'divide an hour'],
    [['set', 'bonn', '--interval', '7h'], 'divide an hour'],
    [['set', 'bonn', '--interval', '15m'], 'must be a multiple of LADEPULS_INTERVAL, which is 10m'],
    [['set', 'bonn', '--interval', '5m'], 'must be a multiple of LADEPULS_INTERVAL, which is 10m'],
    [['add', 'x', '--interval', '15m'], 'must be a multiple of LADEPULS_INTERVAL, which is 10m'],
    [['set', 'bonn', '--max-body', '0MB'], 'a size such as'],
    [['set', 'bonn', '--max-body', '400MB'], 'at most 100MB, because a worker holds an answer as a whole'],
    [['set', 'bonn', '--auth', 'token:A', '--auth', 'basic:B'], 'two of them set the header Authorization'],
    [['set', 'bonn', '--auth', 'certificate:A'], 'needs an address with https'],
    [['set', 'bonn', '--auth', 'sesame:A'], 'its kind is unknown'],
    [['set', 'bonn'], 'Nothing is to be changed'],
    [['set', 'nobody', '--interval', '30m'], 'nobody is not collected'],
    [['add', 'bonn'], 'bonn is already collected'],
    [['add', 'a/b'], `"a/b" can't be a feed's name`],
    [['add', 'x', '--source', 'nobody'], 'there is no source "nobody"; the sources are chargecloud, ocpi'],
    [['add', 'x', '--source', 'ocpi'], 'Give the address of the feed with --url'],
    [['add', 'x', '--url', 'ftp://x'], '--url is "ftp://x"'],
    [['remove', 'kiel'], 'kiel is not collected'],
    [['pause', 'bonn', 'kiel'], 'kiel is not collected'],
    [['resume', 'kiel'], 'kiel is not collected'],
  ])('%j fails with a line that says why', async (args, message) => {
    const { code, stderr } = await newHome({ LADEPULS_FEEDS: 'bonn' })(...args);
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(message)]);
  });
});

describe('ladepuls feeds check', { timeout: 60_000 }, () => {
  it('asks each feed once, and stores nothing', async () => {
    const asked = feed.log.length;
    const { home, code, stdout } = await newHome({ LADEPULS_FEEDS: 'bonn kiel' })('check', '--json');
    expect(code).toBe(0);
    const checks = JSON.parse(stdout) as { chargingPoints: number }[];
    expect(checks).toMatchObject([
      { feed: 'bonn', answers: true, httpStatus: 200, reason: null, stations: 3 },
      { feed: 'kiel', answers: true, httpStatus: 200, reason: null, stations: 0, chargingPoints: 0 },
    ]);
    expect(checks[0]?.chargingPoints).toBeGreaterThanOrEqual(3);
    expect(feed.log.slice(asked).map(({ feed: name }) => name)).toEqual(['bonn', 'kiel']);
    expect(['polls', 'answers', 'runs'].filter((name) => existsSync(join(home, 'raw', name)))).toEqual([]);
  });

  it('says which ones give no good answer, and why', async () => {
    feed.fail({ kind: 'html' }, { feeds: ['kiel'], times: 1 });
    feed.fail({ kind: 'gzip_file' }, { feeds: ['bonn'], times: 1 });
    const feeds = newHome({ LADEPULS_FEEDS: 'bonn kiel nowhere' });
    await feeds('add', 'dead', '--url', 'http://127.0.0.1:1/dead');
    const { code, stdout, stderr } = await feeds('check');
    expect(code).toBe(1);
    expect(stderr).toContain('3 of 4 feeds gave no accepted answer: kiel, nowhere, dead.');
    expect(stdout).toMatch(/bonn +│ yes +│ +200/);
    expect(stdout).toMatch(/kiel +│ no +│ +200 +│ not_json/);
    expect(stdout).toMatch(/nowhere +│ no +│ +404 +│ http_404/);
    expect(stdout).toMatch(/dead +│ no +│ +│ refused/);
  });

  it('takes a part of the data for no answer', async () => {
    feed.fail({ kind: 'partial' }, { feeds: ['bonn'], times: 1 });
    const { code, stdout } = await newHome({ LADEPULS_FEEDS: 'bonn' })('check');
    expect(code).toBe(1);
    expect(stdout).toMatch(/bonn +│ no +│ +206 +│ http_206/);
  });
});
