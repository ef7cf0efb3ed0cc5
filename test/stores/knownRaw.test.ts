import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { addFeed } from '../../src/commands/feeds/feeds.js';
import { bringCollectionUpToDate } from '../../src/commands/running/service.js';
import { StatusReader } from '../../src/commands/status/reader.js';
import type { Context } from '../../src/commands/context/context.js';
import { readConfig } from '../../src/settings/config.js';
import { collectorId, recordCollection } from '../../src/stores/collectionLog.js';
import { drainSpool } from '../../src/stores/drainSpool.js';
import { collectionFile, KnownCollection } from '../../src/stores/knownCollection.js';
import { KnownRaw, knownRawFile } from '../../src/stores/knownRaw.js';
import { openStore } from '../../src/stores/open.js';
import { PollStore } from '../../src/stores/pollStore.js';
import { Spool, spoolFolder, spoolState } from '../../src/stores/spool.js';
import { StoreGate } from '../../src/stores/storeGate.js';
import { putPoll, slotAt } from '../cleaning/support/polls.js';

let home: string;
let folder: string;
let nowMs: number;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ladepuls-raw-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  folder = join(home, 'mnt', 'raw');
  nowMs = 0;
});

const store = () => openStore(`file:${folder}`);
/**
 * Open the raw store like a process that has just started. The clock advances a minute with each use, so that every use
 * checks the store again.
 */
const openRaw = (remembers = true) =>
  new KnownRaw(store(), knownRawFile(home), remembers, () => (nowMs += 60_000));
const begin = () =>
  recordCollection(openRaw(), {
    at: new Date(slotAt(0) - 3_600_000).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: [{ name: 'koeln', source: 'chargecloud', paused: false }],
    setting: null,
  });
const put = (raw: KnownRaw, index: number) => {
  const polling = new PollStore(raw, new Spool(spoolFolder(home), 1e6), new StoreGate('raw', 0));
  return putPoll(polling, { slot: slotAt(index), body: { index } });
};

/** Simulate an unmounted disk: the mount point exists and is empty. */
async function unmount(): Promise<void> {
  await rename(join(home, 'mnt'), join(home, 'disk'));
  await mkdir(folder, { recursive: true });
}
async function mount(): Promise<void> {
  await rmdir(folder);
  await rmdir(join(home, 'mnt'));
  await rename(join(home, 'disk'), join(home, 'mnt'));
}

const told: string[] = [];
async function drainFor(until: () => Promise<void>, raw: KnownRaw): Promise<void> {
  const stop = new AbortController();
  const log = { warn: (line: string) => void told.push(line), info: () => undefined };
  const draining = drainSpool({ spool: new Spool(spoolFolder(home), 1e6), raw, log }, stop.signal);
  await until();
  stop.abort();
  await draining;
}

describe('a raw store whose disk is not mounted', () => {
  it.each([
    ['while a poller runs', false],
    ['when a poller starts', true],
  ])('takes nothing: answers wait in the spool until it is (%s)', async (_, isNew) => {
    await begin();
    const first = openRaw();
    await put(first, 0);
    await unmount();
    const raw = isNew ? openRaw() : first;
    const key = await put(raw, 1);
    expect(await readdir(folder)).toEqual([]);
    await drainFor(
      () =>
        expect
          .poll(() => told.at(-1))
          .toMatch(/does not accept new objects: .* Check that its disk is mounted\..* 1 objects wait/),
      raw,
    );
    expect(await readdir(folder)).toEqual([]);
    expect(await spoolState(home)).toMatchObject({ objects: 1 });
    await mount();
    await drainFor(
      () => expect.poll(() => spoolState(home), { timeout: 30_000 }).toMatchObject({ objects: 0 }),
      raw,
    );
    expect((await store().get(key)).length).toBeGreaterThan(0);
  });

  it('is polled for by the feeds that were known last', async () => {
    await begin();
    const collection = (raw: KnownRaw) =>
      new KnownCollection(raw, new StoreGate('raw', 0), collectionFile(home)).at(slotAt(0));
    await collection(openRaw());
    await unmount();
    expect((await collection(openRaw()))?.feeds).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is still not there when somebody has written to its folder', async () => {
    await begin();
    await put(openRaw(), 0);
    await unmount();
    await collectorId(store());
    await expect(openRaw().putNew('polls/x', Buffer.from('x'))).rejects.toThrow(
      'Check that its disk is mounted',
    );
  });

  it('is told of by status, and no command begins a new one in its place', async () => {
    await begin();
    await put(openRaw(), 0);
    await unmount();
    const config = readConfig({ LADEPULS_HOME: home, RAW_STORE: `file:${folder}` });
    const context = { config, env: {} } as Context;
    const { findings } = await new StatusReader(context, { withWarehouse: false }).read();
    const finding = findings.find(({ id }) => id === 'raw_unreachable');
    expect(finding).toMatchObject({ severity: 'critical' });
    expect(finding?.text).toContain('Check that its disk is mounted');
    await expect(bringCollectionUpToDate(context)).rejects.toThrow('Check that its disk is mounted');
    await expect(addFeed(context, 'neu', { json: true })).rejects.toThrow('Check that its disk is mounted');
    expect(await readdir(folder)).toEqual([]);
  });
});

it('a new raw store is begun where none was seen, at another address, or where its owner wants one', async () => {
  await begin();
  await put(openRaw(false), 0); // opened by a command that only reads
  await unmount();
  await begin();
  await put(openRaw(), 1);
  await rm(folder, { recursive: true });
  await expect(begin()).rejects.toThrow('Check that its disk is mounted');
  const other = new KnownRaw(openStore(`file:${folder}-2`), knownRawFile(home), true);
  expect(await other.putNew('polls/x', Buffer.from('x'))).toBe(true);
  await rm(knownRawFile(home));
  await begin();
  await put(openRaw(), 2);
  expect(await readdir(folder)).toContain('polls');
});
