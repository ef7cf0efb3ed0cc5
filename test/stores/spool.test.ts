import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { drainSpool } from '../../src/stores/drainSpool.js';
import { openStore } from '../../src/stores/open.js';
import { PollStore } from '../../src/stores/pollStore.js';
import { getRaw, listRaw, putRaw } from '../../src/stores/raw.js';
import { getSlotRun, putSlotRun } from '../../src/stores/slotRuns.js';
import { Spool, spoolFolder, spoolState } from '../../src/stores/spool.js';
import type { Store, StoredObject } from '../../src/stores/store.js';
import { StoreGate } from '../../src/stores/storeGate.js';
import { DAY, FEED, putPoll, slotAt } from '../cleaning/support/polls.js';
import { FlakyStore } from './support/flakyStore.js';

let home: string;
let raw: FlakyStore;
let spool: Spool;
let told: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ladepuls-spool-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  raw = new FlakyStore(openStore(`file:${join(home, 'raw')}`));
  spool = new Spool(spoolFolder(home), 1e6);
  told = [];
});

const log = { warn: (line: string) => void told.push(line), info: (line: string) => void told.push(line) };
const polls = (kept: Spool | null = spool) => new PollStore(raw, kept ?? undefined, new StoreGate('raw', 0));
const put = (store: Store, index = 0, body: unknown = { index }) =>
  putPoll(store, { slot: slotAt(index), body });
const keysOf = async (store: Store | Spool, prefix = '') => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
};

/** Drain a spool until `until` is true. Fails after 30 seconds. */
async function drain(until: () => Promise<boolean>, of: Spool = spool): Promise<void> {
  const stop = new AbortController();
  const draining = drainSpool({ spool: of, raw, log }, stop.signal);
  await expect.poll(until, { timeout: 30_000, interval: 20 }).toBe(true);
  stop.abort();
  await draining;
}
const isEmpty = async () => (await spoolState(home)).objects === 0;

describe('what the raw store can’t take', () => {
  it('waits in the spool, byte for byte as it will be there, and is read as if it were', async () => {
    raw.fails = true;
    const key = await put(polls(), 0, { a: 1 });
    expect(await polls().isWaiting(key)).toBe(true);
    expect(await keysOf(polls(), `polls/${FEED}/`)).toEqual([key]);
    expect((await getRaw(polls(), key)).body.toString()).toBe('{"a":1}');
    const bytes = await readFile(join(spoolFolder(home), 'waiting', key));
    raw.fails = false;
    expect(await put(raw, 0, { a: 1 })).toBe(key);
    expect(await raw.get(key)).toEqual(bytes);
  });

  it('is lost where there is no spool, or it is full, and the error says which', async () => {
    raw.fails = true;
    await expect(put(polls(null))).rejects.toThrow('the raw store is down');
    const small = new Spool(spoolFolder(home), 1_000);
    await put(polls(small), 0);
    const error = put(polls(small), 1, randomBytes(2_000));
    await expect(error).rejects.toThrow(/the raw store is down; and the spool .* is full: LADEPULS_SPOOL/);
    await expect(error).rejects.toMatchObject({ name: 'StoreFailed' });
    expect((await spoolState(home)).objects).toBe(1);
  });

  it('leaves room for the records of what was lost', async () => {
    raw.fails = true;
    const small = new Spool(spoolFolder(home), 4_000);
    const fill = async () => {
      for (let index = 0; index < 40; index++) await put(polls(small), index);
    };
    await expect(fill()).rejects.toThrow(/is full/);
    const run = { workflow_id: 'w', run_id: 'r', recorded_at: new Date(0).toISOString(), outcomes: [] };
    await putSlotRun(polls(small), DAY, slotAt(0), run);
    expect((await keysOf(small)).filter((key) => key.startsWith('runs/'))).toHaveLength(1);
  });

  it('takes no more room than it may, however much comes at once', async () => {
    raw.fails = true;
    const small = new Spool(spoolFolder(home), 10_000);
    const coming = Array.from({ length: 40 }, (_, index) => put(polls(small), index, randomBytes(500)));
    const failed = (await Promise.allSettled(coming)).filter(({ status }) => status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    const { bytes } = await spoolState(home);
    expect(bytes).toBeGreaterThan(8_000);
    expect(bytes).toBeLessThanOrEqual(9_500);
  });

  it('waits as soon as the spool can be read again', async () => {
    raw.fails = true;
    const waiting = join(spoolFolder(home), 'waiting');
    await mkdir(spoolFolder(home));
    await symlink(waiting, waiting); // leads to itself
    await expect(put(polls())).rejects.toThrow('ELOOP');
    await rm(waiting);
    expect(await spoolState(home)).toMatchObject({ objects: 0 });
    await put(polls());
    expect(await spoolState(home)).toMatchObject({ objects: 1 });
  });

  it('has no room that broken files take', async () => {
    raw.fails = true;
    const small = new Spool(spoolFolder(home), 10_000);
    await mkdir(join(spoolFolder(home), 'broken'), { recursive: true });
    await writeFile(join(spoolFolder(home), 'broken', 'file'), randomBytes(9_500));
    await expect(put(polls(small))).rejects.toThrow(/is full/);
    await small.oldestFirst();
    await expect(put(polls(small))).rejects.toThrow(/is full/);
  });

  it('is told by its home: how much there is, and since when', async () => {
    expect(await spoolState(home)).toEqual({ objects: 0, bytes: 0, oldest: null, broken: 0 });
    raw.fails = true;
    await put(polls(), 0);
    await put(polls(), 1);
    const { objects, bytes, oldest } = await spoolState(home);
    expect([objects, bytes > 100]).toEqual([2, true]);
    expect(Math.abs(Date.parse(oldest ?? '') - Date.now())).toBeLessThan(60_000);
  });
});

describe('a raw store that is back', () => {
  it('gets what waited, what came first in front, and the spool is empty', async () => {
    raw.fails = true;
    const keys: string[] = [];
    for (const index of [3, 1, 2]) {
      const key = await put(polls(), index);
      await utimes(join(spoolFolder(home), 'waiting', key), keys.length, keys.length);
      keys.push(key);
    }
    raw.fails = false;
    await drain(async () => (await isEmpty()) && told.length > 0);
    expect(raw.written).toEqual(keys);
    expect(await polls().isWaiting(keys[0] ?? '')).toBe(false);
    expect(told.at(-1)).toMatch(/^3 objects were moved from the spool .* to the raw store$/);
    expect((await spoolState(home)).oldest).toBeNull();
  });

  it('gets what an earlier process left, and the records of slot runs', async () => {
    raw.fails = true;
    const key = await put(polls());
    const run = { workflow_id: 'w', run_id: 'r', recorded_at: new Date(0).toISOString(), outcomes: [] };
    await putSlotRun(polls(), DAY, slotAt(0), run);
    raw.fails = false;
    await drain(isEmpty, new Spool(spoolFolder(home), 0));
    const [record = ''] = await keysOf(raw, 'runs/');
    expect(await getSlotRun(raw, record)).toMatchObject(run);
    expect(await keysOf(raw, 'polls/')).toEqual([key]);
  });

  it('does not get one object that it never takes, and gets all the others', async () => {
    raw.fails = true;
    const keys: string[] = [];
    for (const index of [0, 1, 2, 3, 4]) keys.push(await put(polls(), index));
    raw.fails = false;
    raw.refuses = (key) => key === keys[0];
    await drain(async () => (await spoolState(home)).objects === 1);
    expect(raw.written.sort()).toEqual(keys.slice(1));
    expect(told.some((line) => /does not accept new objects: .*refused/.test(line))).toBe(true);
    raw.refuses = () => false;
    await drain(isEmpty);
    expect(raw.written).toContain(keys[0]);
  });

  it('gets no broken file: it is set aside and named, once, and stays', async () => {
    raw.fails = true;
    const [cut, whole] = [await put(polls(), 0, { a: 'b'.repeat(500) }), await put(polls(), 1)];
    raw.fails = false;
    const file = join(spoolFolder(home), 'waiting', cut);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 20));
    await writeFile(join(spoolFolder(home), 'waiting', 'a note'), 'of somebody');
    await drain(isEmpty);
    expect(raw.written).toEqual([whole]);
    const aside = join(spoolFolder(home), 'broken', cut);
    expect(told.filter((line) => line.includes(aside))).toHaveLength(1);
    expect(await readFile(aside)).toEqual(bytes.subarray(0, bytes.length - 20));
    expect(await readFile(join(spoolFolder(home), 'broken', 'a note'), 'utf8')).toBe('of somebody');
    expect((await spoolState(home)).broken).toBe(2);
  });

  it('may hang: the drain ends when it is told to', async () => {
    raw.fails = true;
    await put(polls());
    raw.fails = false;
    raw.hangs = true;
    const stop = new AbortController();
    const draining = drainSpool({ spool, raw, log }, stop.signal);
    await expect.poll(() => raw.calls).toBeGreaterThan(0);
    stop.abort();
    await draining;
    expect((await spoolState(home)).objects).toBe(1);
  });
});

it('a raw store that fails is not waited for by every poll: one of them tries it now and then', async () => {
  raw.fails = true;
  let nowMs = 0;
  const gate = new StoreGate('raw', 10_000, () => nowMs);
  const store = new PollStore(raw, spool, gate);
  for (let index = 0; index < 20; index++) await put(store, index);
  expect(raw.calls).toBe(1);
  nowMs = 10_000;
  for (let index = 20; index < 40; index++) await put(store, index);
  expect(raw.calls).toBe(2);
  raw.fails = false;
  gate.open();
  await put(store, 41);
  expect(await keysOf(raw, 'polls/')).toHaveLength(1);
});

it('loses nothing and counts nothing twice, whatever fails and however many drain', async () => {
  const step = fc.record({
    index: fc.nat(30),
    fails: fc.boolean(),
    drains: fc.nat(2),
    wrong: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const folder = await mkdtemp(join(home, 'property-'));
      const store = new FlakyStore(openStore(`file:${join(folder, 'raw')}`));
      const kept = new Spool(spoolFolder(folder), 1e6);
      const polling = new PollStore(store, kept, new StoreGate('raw', 0));
      const expected = new Set<string>();
      const drains = new Set<Promise<void>>();
      const stops: AbortController[] = [];
      for (const { index, fails, drains: count, wrong } of steps) {
        store.fails = fails;
        store.flaps = !fails && index % 3 === 0;
        const origin = { slot: slotAt(index), day: DAY, receivedMs: slotAt(index) + 1 };
        const what = {
          feed: FEED,
          source: 'chargecloud',
          url: null,
          origin: 'poll',
          started_at: null,
        } as const;
        const rest = { http_status: 200, attempts: 1, reason: wrong ? 'not_json' : null, file: null };
        const body = Buffer.from(`${index}`);
        expected.add(
          await putRaw(polling, wrong ? 'rejected' : 'accepted', { ...origin, ...what, ...rest }, body),
        );
        for (let i = 0; i < count; i++) {
          const stop = new AbortController();
          stops.push(stop);
          drains.add(drainSpool({ spool: new Spool(kept.folder, 1e6), raw: store, log }, stop.signal));
        }
        // Every second drain is aborted, wherever it is.
        if (index % 2 === 0) stops.at(-1)?.abort();
      }
      for (const stop of stops) stop.abort();
      await Promise.all(drains);
      store.fails = store.flaps = false;
      const stop = new AbortController();
      const draining = drainSpool({ spool: kept, raw: store, log }, stop.signal);
      await expect
        .poll(() => spoolState(folder), { timeout: 20_000, interval: 5 })
        .toMatchObject({ objects: 0 });
      stop.abort();
      await draining;
      expect([...(await keysOf(store, 'polls/')), ...(await keysOf(store, 'answers/'))].sort()).toEqual(
        [...expected].sort(),
      );
      for await (const { key } of listRaw(store, 'accepted', FEED, DAY)) await getRaw(store, key);
      expect((await spoolState(folder)).broken).toBe(0);
    }),
    { numRuns: 25 },
  );
});

it('measures what is there at its start: a full spool stays full after a restart', async () => {
  raw.fails = true;
  const objects: StoredObject[] = [];
  for (let index = 0; index < 5; index++) await put(polls(), index);
  for await (const object of spool.list('')) objects.push(object);
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  const again = new Spool(spoolFolder(home), bytes);
  await expect(put(polls(again), 9)).rejects.toThrow(/is full/);
});
