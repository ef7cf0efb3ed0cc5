import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { addDays, dayBounds } from '../../src/domain/day.js';
import { copyRawStore } from '../../src/importing/copyRawStore.js';
import type { Correction } from '../../src/domain/corrections.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { putCorrection, readCorrections } from '../../src/stores/corrections.js';
import { readCoverage } from '../../src/stores/coverage.js';
import { drainSpool } from '../../src/stores/drainSpool.js';
import { PollStore } from '../../src/stores/pollStore.js';
import { putRaw } from '../../src/stores/raw.js';
import { sealFeedDay } from '../../src/stores/sealed/seal.js';
import { putSlotRun } from '../../src/stores/slotRuns.js';
import { Spool, spoolFolder, spoolState } from '../../src/stores/spool.js';
import type { Store } from '../../src/stores/store.js';
import { StoreGate } from '../../src/stores/storeGate.js';
import type { Load } from '../../src/warehouse/warehouse.js';
import type { LoadDayResult } from '../../src/workflows/loadOnce.js';
import type { ReloadChangedResult } from '../../src/workflows/reloadChanged.js';
import { DAY, envelope, point, putPoll, slotAt, station, ZONE } from '../cleaning/support/polls.js';
import { temporaryStores } from '../cleaning/support/stores.js';
import { FlakyStore } from '../stores/support/flakyStore.js';
import { openTestClient } from '../support/temporal.js';
import { activitiesOf, type LoadBench, loadDay, openBench } from '../warehouse/support/loads.js';
import { column, digest, query } from '../warehouse/support/query.js';
import { startRun } from './support/runs.js';

let client: Client;
beforeAll(async () => {
  client = await openTestClient();
  return () => client.connection.close();
});

let bench: LoadBench;
/** Clock of the test: two days after the day under test. */
let nowMs: number;
/**
 * Milliseconds from a slot to the receipt of its answer. Random, because the tests share a Temporal server, which loads
 * the same answers only once.
 */
let receiptMs: number;
beforeEach(async () => {
  receiptMs = 3_000 + randomInt(120_000);
  nowMs = dayBounds(DAY, ZONE).end + 36 * 3_600_000;
  bench = await openBench();
  bench = { ...bench, activities: activitiesOf({ ...bench, now: () => nowMs }) };
  await put(0, 'koeln');
  await put(0, 'bonn');
});

function put(index: number, feed: string, store: Store = bench.raw, receivedMs = slotAt(index) + receiptMs) {
  const slot = slotAt(index);
  const id = feed === 'koeln' ? '1' : '2';
  const body = envelope(slot, [station(id, [point(`${id}1`), point(`${id}2`)])]);
  return putPoll(store, { slot, feed, body, receivedMs });
}

function putWrong(index: number): Promise<string> {
  const slot = slotAt(index);
  const what = { feed: 'koeln', source: 'chargecloud', url: null, origin: 'poll', started_at: null } as const;
  const rest = { http_status: 500, attempts: 1, reason: 'http_500', file: null };
  return putRaw(
    bench.raw,
    'rejected',
    { ...what, ...rest, slot, day: DAY, receivedMs: slot + receiptMs },
    Buffer.from('?'),
  );
}

const run = (index: number, store: Store = bench.raw) =>
  putSlotRun(store, DAY, slotAt(index), {
    workflow_id: 'w',
    run_id: `run-${index}`,
    recorded_at: new Date(slotAt(index) + 5_000).toISOString(),
    outcomes: [{ feed: 'koeln', outcome: 'missed', reason: 'store_failed', key: null, attempts: 1 }],
  });

/** Load the day as its schedule does, and seal it. */
async function loadAndSeal(): Promise<void> {
  const loading = await startRun(client, 'loadDay', bench.activities, { day: DAY, reason: 'test' });
  expect(((await loading.result()) as LoadDayResult).day).toBe(DAY);
}

async function reload(activities: object = bench.activities): Promise<ReloadChangedResult> {
  return (await (await startRun(client, 'reloadChanged', activities, {})).result()) as ReloadChangedResult;
}

const NOTHING = { days: [], notLoaded: {}, begun: [] };
const ONCE = { ...NOTHING, days: [DAY] };
const reasons = () => column(bench.url, 'select reason from ops.day_revision order by revision');
const polls = () => column(bench.url, 'select count(*)::int from ops.poll');

it('loads a published day again when an answer came later, once', async () => {
  await loadAndSeal();
  expect(await reload()).toEqual(NOTHING);
  await put(1, 'koeln');
  expect(await reload()).toEqual(ONCE);
  expect(await polls()).toEqual([3]);
  expect(await reload()).toEqual(NOTHING);
  expect(await reasons()).toEqual(['test', 'raw changed']);
});

it.each<[string, () => Promise<unknown>]>([
  [
    'a second answer of a slot, which is surplus',
    () => put(0, 'koeln', bench.raw, slotAt(0) + receiptMs + 9_000),
  ],
  ['an answer of another feed', () => put(0, 'hof')],
  ['a wrong answer, which changes the coverage alone', () => putWrong(3)],
  ['the record of a slot run', () => run(3)],
])('loads it once for %s', async (_, arrive) => {
  // The stores use the machine's clock, so the day must be loaded before the new answers arrive.
  await loadAndSeal();
  await arrive();
  expect(await reload()).toEqual(ONCE);
  expect(await reload()).toEqual(NOTHING);
  expect(await reasons()).toHaveLength(2);
});

it('loads it once for what another raw store has sealed of it', async () => {
  await loadAndSeal();
  const { raw: other } = temporaryStores();
  await put(5, 'koeln', other);
  await put(5, 'aachen', other);
  for (const feed of ['koeln', 'aachen']) await sealFeedDay(other, feed, DAY, []);
  nowMs = Date.now() + 1_000; // sealed lately
  await copyRawStore(other, bench.raw);
  expect(await reload()).toEqual({ ...NOTHING, begun: [DAY] });
  await expect.poll(polls, { timeout: 60_000 }).toEqual([4]);
  expect(await reload()).toEqual(NOTHING);
});

async function correct(kind: 'exclude' | 'include', feed = 'koeln', index = 0): Promise<Correction> {
  const earlier = (await readCorrections(bench.raw)).of(feed);
  const range = { from: slotAt(index), to: slotAt(index + 1) };
  // The reason makes the correction another one than those of other tests.
  const correction = { kind, feed, reason: String(receiptMs), by: 'me@host', ...range };
  return putCorrection(bench.raw, correction, { earlier, nowMs });
}

it('loads a sealed day again, once, each time that its answers are excluded or included', async () => {
  await put(1, 'koeln');
  await loadAndSeal();
  nowMs = Date.now() + 10 * 24 * 3_600_000; // sealed long ago
  const expectReload = async (count: number) => {
    expect(await reload()).toEqual({ ...NOTHING, begun: [DAY] });
    await expect.poll(polls, { timeout: 60_000 }).toEqual([count]);
    expect(await reload()).toEqual(NOTHING);
  };
  expect(await reload()).toEqual(NOTHING);
  for (const kind of ['exclude', 'include', 'exclude', 'include'] as const) {
    await correct(kind);
    await expectReload(kind === 'exclude' ? 2 : 3);
  }
  await correct('exclude', 'koeln', 2);
  expect(await reload(), 'no answer is stored in that slot').toEqual(NOTHING);
  await correct('exclude', 'hof');
  expect(await reload(), 'the feed has no answers').toEqual(NOTHING);
});

it('leaves a day as it was published where the load would lose facts that raw can’t give back', async () => {
  await put(1, 'koeln');
  await loadAndSeal();
  const [key] = await keysBelow('sealed/bonn/');
  const whole = await bench.raw.get(key ?? '');
  await bench.raw.remove(key ?? '');
  await correct('exclude');
  expect(await reload(), 'answers of another feed are gone').toEqual(NOTHING);
  await bench.raw.put(key ?? '', whole);
  const [own] = await keysBelow('sealed/koeln/');
  const ownWhole = await bench.raw.get(own ?? '');
  await bench.raw.put(own ?? '', ownWhole.subarray(0, -20));
  expect(await reload(), 'the sealed object is damaged').toEqual(NOTHING);
  expect(await polls()).toEqual([3]);
  await bench.raw.put(own ?? '', ownWhole);
  expect(await reload()).toEqual(ONCE);
  expect(await polls()).toEqual([2]);
});

it('goes on with other days where a correction can’t be read', async () => {
  await loadAndSeal();
  const { id } = await correct('exclude');
  const name = `corrections/koeln/${id}.json`;
  await bench.raw.put(name, (await bench.raw.get(name)).subarray(0, 30));
  expect(await reload()).toEqual(NOTHING);
  await put(1, 'bonn');
  const { days, notLoaded } = await reload();
  expect(days).toEqual([]);
  expect(notLoaded[DAY]).toContain(`${name} in the raw store is damaged`);
  expect(await polls()).toEqual([2]);
});

async function keysBelow(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of bench.raw.list(prefix)) keys.push(key);
  return keys;
}

it('leaves alone what was never loaded, unless it was polled in the last week and its load has failed', async () => {
  expect(await reload()).toEqual(NOTHING);
  await run(0);
  nowMs = dayBounds(DAY, ZONE).end + 5 * 3_600_000;
  expect(await reload()).toEqual(NOTHING);
  nowMs = dayBounds(DAY, ZONE).end + 7 * 3_600_000;
  expect(await reload()).toEqual(ONCE);
  expect(await reload()).toEqual(NOTHING);
});

it('leaves alone a day that is under way, and one whose facts are in the archive', async () => {
  await loadDay(bench, DAY);
  await bench.warehouse.archiveDay(DAY, bench.flat);
  await put(1, 'koeln');
  expect(await reload()).toEqual(NOTHING);
  const next = addDays(DAY, 1);
  const putNext = (slot: number) =>
    putPoll(bench.raw, { slot, body: envelope(slot, []), receivedMs: slot + receiptMs });
  await putNext(dayBounds(next, ZONE).start);
  await loadDay(bench, next);
  await putNext(dayBounds(next, ZONE).start + 600_000);
  nowMs = dayBounds(next, ZONE).end - 1;
  expect(await reload()).toEqual(NOTHING);
  nowMs = dayBounds(next, ZONE).end;
  expect(await reload()).toEqual({ ...NOTHING, days: [next] });
});

it('does not try a load again that was refused, until other answers come', async () => {
  await loadAndSeal();
  await put(1, 'koeln');
  const checkLoad = () =>
    Promise.reject(ApplicationFailure.nonRetryable('it breaks a promise', 'LoadRefused'));
  const refusing = { ...bench.activities, checkLoad };
  expect(await reload(refusing)).toEqual({ ...NOTHING, notLoaded: { [DAY]: 'it breaks a promise' } });
  expect(await reload(refusing)).toEqual(NOTHING);
  await put(2, 'koeln');
  expect(await reload()).toEqual(ONCE);
  expect(await polls()).toEqual([4]);
});

it.each([
  ['cancel', 'the load was cancelled'],
  ['terminate', 'Terminated'],
] as const)('tries a load again that somebody made to %s', async (end, reason) => {
  await loadAndSeal();
  await put(1, 'koeln');
  const checkLoad = async () => {
    const { workflowId, runId } = activityInfo().workflowExecution ?? expect.fail('no workflow');
    await client.workflow.getHandle(workflowId, runId)[end]();
  };
  const ending = { ...bench.activities, checkLoad };
  expect(await reload(ending)).toEqual({ ...NOTHING, notLoaded: { [DAY]: reason } });
  expect(await reload()).toEqual(ONCE);
  expect(await polls()).toEqual([3]);
});

/** Add an answer to days after their load, in the order of the days. */
async function change(days: readonly string[]): Promise<void> {
  const putNth = (day: string, index: number) => {
    const slot = dayBounds(day, ZONE).start + index * 600_000;
    return putPoll(bench.raw, { slot, body: envelope(slot, []), receivedMs: slot + receiptMs });
  };
  for (const day of days) {
    await putNth(day, 0);
    await loadDay(bench, day);
    await putNth(day, 1);
  }
}

const revisions = async () =>
  (await column(bench.url, 'select day::text from ops.day_revision order by day, revision')) as string[];

it('loads last night before days long past, whose loads hold up no run', async () => {
  const [old, older] = [addDays(DAY, -10), addDays(DAY, -11)];
  await change([older, old, addDays(DAY, -1), DAY]);
  const opened: string[] = [];
  let unblock: () => void = () => expect.fail('nothing is blocked');
  const blocked = new Promise<void>((resolve) => (unblock = resolve));
  const openLoad = async (load: Load) => {
    opened.push(load.day);
    if (load.day === old || load.day === older) await blocked;
    return bench.activities.openLoad(load);
  };
  const activities = { ...bench.activities, openLoad };
  expect(await reload(activities)).toEqual({
    ...NOTHING,
    days: [addDays(DAY, -1), DAY],
    begun: [older, old],
  });
  expect(opened.slice(0, 2).sort()).toEqual([addDays(DAY, -1), DAY]);
  // New answers do not wait for these loads, and the loads are not started again.
  await put(2, 'koeln');
  expect(await reload(activities)).toEqual(ONCE);
  unblock();
  await expect.poll(revisions, { timeout: 60_000 }).toEqual(
    [older, older, old, old, addDays(DAY, -1), addDays(DAY, -1), DAY, DAY, DAY], //
  );
});

it('finds a changed day behind a hundred whose loads were refused', async () => {
  const days = Array.from({ length: 101 }, (_, index) => addDays(DAY, -index));
  const last = days.at(-1);
  for (const day of days) {
    await query(
      bench.url,
      `insert into ops.day_revision (day, revision, reason, load) values ('${day}', 1, 'test', 'test')`,
    );
    const slot = dayBounds(day, ZONE).start;
    await putPoll(bench.raw, { slot, body: envelope(slot, []), receivedMs: slot + receiptMs });
  }
  const planLoad = (what: Parameters<typeof bench.activities.planLoad>[0]) =>
    'day' in what && what.day === last
      ? bench.activities.planLoad(what)
      : Promise.reject(ApplicationFailure.nonRetryable('it breaks a promise', 'LoadRefused'));
  const refusing = { ...bench.activities, planLoad };
  const first = await reload(refusing);
  expect(first.begun.length + Object.keys(first.notLoaded).length).toBe(100);
  await expect
    .poll(async () => (await reload(refusing)).begun, { timeout: 60_000, interval: 1_000 })
    .toEqual([last]);
});

it('brings the warehouse to what it would be had the raw store never failed', async () => {
  const home = await mkdtemp(join(tmpdir(), 'ladepuls-reload-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await recordCollection(bench.raw, {
    at: new Date(slotAt(0)).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: ['koeln', 'bonn'].map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
  const flaky = new FlakyStore(bench.raw);
  const spool = new Spool(spoolFolder(home), 1e6);
  const polling = new PollStore(flaky, spool, new StoreGate('raw', 0));
  for (let index = 1; index < 12; index++) {
    flaky.fails = index > 3 && index < 9;
    for (const feed of ['koeln', 'bonn']) await put(index, feed, polling);
  }
  const stored = async () => {
    const span = { days: [DAY], timeZone: ZONE, nowMs, signal: new AbortController().signal };
    return (await readCoverage(bench.raw, span)).map(({ total }) => total.stored);
  };
  await loadAndSeal();
  expect(await stored()).toEqual([7, 7]);
  flaky.fails = false;
  const stop = new AbortController();
  const log = { info: () => undefined, warn: () => undefined };
  const draining = drainSpool({ spool, raw: flaky, log }, stop.signal);
  await expect.poll(() => spoolState(home), { timeout: 30_000 }).toMatchObject({ objects: 0 });
  stop.abort();
  await draining;
  expect(await stored()).toEqual([12, 12]);
  expect(await reload()).toEqual(ONCE);
  const never = await openBench({ raw: bench.raw, flat: temporaryStores().flat });
  await loadDay(never, DAY);
  expect(await digest(bench.url)).toEqual(await digest(never.url));
});
