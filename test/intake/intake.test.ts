import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { onTestFinished, describe, expect, it } from 'vitest';
import { type ExcessiveShape, excessiveData } from '../../src/simulation/feed/excessiveData.js';
import { DEFAULT_LIMITS } from '../../src/sources/answerLimits.js';
import { createIntake, type Intake, type IntakeOptions } from '../../src/intake/intake.js';
import { envelope, point, slotAt, station } from '../cleaning/support/polls.js';

const SLOT = slotAt(60);
/** Limits so high that every answer in these tests is read to its end. */
const UNLIMITED = { ...DEFAULT_LIMITS, maxRecords: 10_000_000 };

function open(options: IntakeOptions = {}): Intake {
  const intake = createIntake(options);
  onTestFinished(() => intake.close());
  return intake;
}

const good = Buffer.from(JSON.stringify(envelope(SLOT, [station('1', [point('11', 'CHARGING')])])));
const excessive = (shape: ExcessiveShape, count: number) =>
  Buffer.from(`{"data":${excessiveData(shape, count)},"status_code":1000}`);

const judge = async (intake: Intake, body: Buffer) =>
  (await intake.judge({ source: 'chargecloud', body })).rejection;
const readStatuses = (intake: Intake, body: Buffer) =>
  intake.readStatuses({
    at: { feed: 'koeln', slot: SLOT, key: 'key' },
    meta: { source: 'chargecloud', received_at: new Date(SLOT).toISOString() },
    body,
  });

it('tells a good answer from a wrong one, and reads its statuses', async () => {
  const intake = open();
  expect(await judge(intake, good)).toBeNull();
  expect(await judge(intake, good.subarray(0, 40))).toMatchObject({ reason: 'not_json' });
  expect(await judge(intake, Buffer.alloc(0))).toMatchObject({ reason: 'empty' });
  const counts = { chargingPoints: 1, unidentified: 0 };
  const found = { statuses: new Map([['11', 'CHARGING']]), counts };
  expect(await readStatuses(intake, good)).toEqual({ found, rejection: null });
});

describe('an answer of 16 MB at most that holds too much', () => {
  it.each<[ExcessiveShape, number, string | null]>([
    ['stations', 1_000_000, 'too_many_records'],
    ['charging_points', 900_000, 'too_many_records'],
    ['connectors', 1_000_000, 'too_many_records'],
    ['numbers', 7_000_000, 'too_complex'],
    ['arrays', 4_000_000, 'too_complex'],
    ['nesting', 7_000_000, 'too_complex'],
    ['text', 14_000_000, null],
    ['repeated_keys', 1_000_000, null],
    ['unknown_fields', 1_000_000, null],
  ])('of %s is rejected, or read within the bounds, off the event loop', async (shape, count, reason) => {
    const intake = open({ timeoutMs: 60_000 });
    const body = excessive(shape, count);
    expect(body.length).toBeLessThan(16e6);
    const { longestMs, tookMs } = await watchLoop(async () => {
      expect((await judge(intake, body))?.reason ?? null).toBe(reason);
      expect((await readStatuses(intake, body)).rejection).toBeNull();
    });
    // This thread only copies bytes, which is a small share of the work, however busy the machine is.
    expect(longestMs).toBeLessThan(Math.max(tookMs / 2, 100));
  });

  it('has a limit that counts stations, charging points and connectors, all together', async () => {
    const stations = [station('1', [point('11'), point('12')]), station('2', [point('21')])]; // 2 + 3 + 3
    const body = Buffer.from(JSON.stringify(envelope(SLOT, stations)));
    const most = (maxRecords: number) => open({ limits: { ...DEFAULT_LIMITS, maxRecords } });
    expect(await judge(most(8), body)).toBeNull();
    expect(await judge(most(7), body)).toMatchObject({
      reason: 'too_many_records',
      message: 'the answer has more than 7 records. If the feed is that large, raise LADEPULS_MAX_RECORDS.',
    });
  });
});

describe('a thread that goes beyond a bound ends, and nothing else does', () => {
  it('of memory: those that wait for it are read all the same', async () => {
    const intake = open({ limits: UNLIMITED, memoryMb: 24 });
    // Small answers share one thread, so that the others wait for the answer that ends it.
    const harmful = readStatuses(intake, excessive('stations', 60_000));
    const others = Array.from({ length: 5 }, () => judge(intake, good));
    expect((await harmful).rejection).toEqual({
      reason: 'too_complex',
      message: 'the answer takes more memory than a thread may have',
    });
    expect(await Promise.all(others)).toEqual([null, null, null, null, null]);
  });

  it('of time: those that wait for it are read all the same', async () => {
    const intake = open({ limits: UNLIMITED, timeoutMs: 3_000 });
    const harmful = [1, 2, 3].map(() => readStatuses(intake, excessive('stations', 1_000_000)));
    expect(await judge(intake, good)).toBeNull();
    for (const { rejection } of await Promise.all(harmful))
      expect(rejection).toMatchObject({ reason: 'too_complex' });
    expect(await judge(intake, excessive('text', 2_000_000))).toBeNull();
  });
});

it('a gzip file is read on the threads of large answers, however small it is', async () => {
  const intake = open({ limits: UNLIMITED, timeoutMs: 60_000 });
  let isReading = true;
  const files = [1, 2].map(() => readStatuses(intake, gzipSync(excessive('stations', 120_000))));
  const done = Promise.all(files).finally(() => (isReading = false));
  for (let read = 0; read < 20; read++) expect(await judge(intake, good)).toBeNull();
  expect(isReading).toBe(true);
  await done;
  expect(await readStatuses(intake, gzipSync(good))).toMatchObject({ found: new Map([['11', 'CHARGING']]) });
});

it('small answers are read while large ones take long', async () => {
  const intake = open({ limits: UNLIMITED, timeoutMs: 60_000 });
  let isReading = true;
  const large = [1, 2].map(() => readStatuses(intake, excessive('stations', 120_000)));
  const done = Promise.all(large).finally(() => (isReading = false));
  for (let read = 0; read < 20; read++) expect(await judge(intake, good)).toBeNull();
  expect(isReading).toBe(true);
  await done;
});

/** Measure the longest pause of this thread's event loop, and the duration of the work, in milliseconds. */
async function watchLoop(work: () => Promise<void>): Promise<{ longestMs: number; tookMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const startedMs = performance.now();
  delay.enable();
  await work();
  delay.disable();
  return { longestMs: delay.max / 1e6, tookMs: performance.now() - startedMs };
}
