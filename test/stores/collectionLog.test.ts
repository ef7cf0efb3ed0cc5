import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { dayBounds } from '../../src/domain/day.js';
import {
  collectionAt,
  type CollectionEntry,
  collectorId,
  expectations,
  lastExpectedDays,
  recordCollection,
  recordImport,
} from '../../src/stores/collectionLog.js';
import { withPaused } from '../../src/stores/collectionChange.js';
import { openStore } from '../../src/stores/open.js';
import type { Store } from '../../src/stores/store.js';

const ZONE = 'Europe/Berlin';
const T0 = Date.UTC(2022, 0, 11, 12);
const HOUR_MS = 3_600_000;
const hour = (count: number) => T0 + count * HOUR_MS;

let store: Store;
beforeEach(() => {
  store = temporaryStore();
});

function temporaryStore(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return openStore(`file:${folder}`);
}

function entry(
  atMs: number,
  feeds: Record<string, boolean>,
  intervalMinutes = 10,
): Omit<CollectionEntry, 'version'> {
  return {
    at: new Date(atMs).toISOString(),
    reason: 'test',
    interval_minutes: intervalMinutes,
    feeds: Object.entries(feeds).map(([name, paused]) => ({ name, source: 'chargecloud', paused })),
    setting: null,
  };
}

const expected = async (startHour: number, endHour: number, from = store) =>
  (await expectations(from, { startMs: hour(startHour), endMs: hour(endHour) }, ZONE))
    .map(
      (e) =>
        `${e.feed} ${(e.startMs - T0) / HOUR_MS}-${(e.endMs - T0) / HOUR_MS} ${e.intervalMinutes}${e.paused ? ' paused' : ''}`,
    )
    .sort();

/** Copy the log like an import of another raw store: everything except the collector's own id. */
async function copyLog(from: Store, to: Store): Promise<void> {
  for await (const { key } of from.list('collection/')) await to.putNew(key, await from.get(key));
}

describe('a collector', () => {
  it('has an id of its own that stays, also where two ask for it first at once', async () => {
    const ids = await Promise.all([1, 2, 3, 4].map(() => collectorId(store)));
    expect(new Set([...ids, await collectorId(store)]).size).toBe(1);
    expect(await collectorId(temporaryStore())).not.toBe(ids[0]);
  });

  it('polls what its latest entry says, from its instant on', async () => {
    expect(await collectionAt(store, hour(5))).toBeNull();
    await recordCollection(store, entry(hour(1), { koeln: false }));
    await recordCollection(store, entry(hour(3), { koeln: false, bonn: true }, 5));
    expect(await collectionAt(store, hour(1) - 1)).toBeNull();
    for (const at of [hour(1), hour(3) - 1])
      expect((await collectionAt(store, at))?.feeds.map(({ name }) => name)).toEqual(['koeln']);
    expect(await collectionAt(store, hour(3))).toMatchObject({ interval_minutes: 5, reason: 'test' });
    expect((await collectionAt(store, hour(99)))?.feeds).toHaveLength(2);
  });

  it('keeps what a later version wrote of a feed, when it writes the feed again', async () => {
    const later = entry(hour(1), { koeln: false, bonn: false });
    const feeds = later.feeds.map((feed) => ({ ...feed, colour: 'green' }));
    await recordCollection(store, { ...later, feeds });
    const read = (await collectionAt(store, hour(1))) ?? expect.fail();
    await recordCollection(store, {
      ...later,
      at: new Date(hour(2)).toISOString(),
      feeds: withPaused(read.feeds, ['bonn'], true),
    });
    expect((await collectionAt(store, hour(2)))?.feeds).toEqual([
      { name: 'koeln', source: 'chargecloud', paused: false, colour: 'green' },
      { name: 'bonn', source: 'chargecloud', paused: true, colour: 'green' },
    ]);
  });

  it('writes an entry once, however often it is told', async () => {
    for (let times = 0; times < 3; times++) await recordCollection(store, entry(hour(1), { koeln: false }));
    expect(await expected(0, 4)).toEqual(['koeln 1-4 10']);
  });

  it.each([
    { feeds: [{ name: '../x', source: 'chargecloud', paused: false }] },
    { interval_minutes: 0 },
    { version: 2 },
  ])('does not take %j for an entry', async (wrong) => {
    const body = JSON.stringify({ version: 1, ...entry(hour(1), { koeln: false }), ...wrong });
    await store.put(
      `collection/${await collectorId(store)}/20220111T130000000Z-00000000.json`,
      Buffer.from(body),
    );
    await expect(collectionAt(store, hour(5))).rejects.toThrow();
  });
});

describe('what was to be polled', () => {
  it('follows every change: a new interval, a pause, a removal, a new feed', async () => {
    await recordCollection(store, entry(hour(1), { koeln: false, bonn: false }));
    await recordCollection(store, entry(hour(2), { koeln: true, bonn: false }));
    await recordCollection(store, entry(hour(3), { koeln: false, kiel: false }, 5));
    expect(await expected(0, 5)).toEqual([
      'bonn 1-2 10',
      'bonn 2-3 10',
      'kiel 3-5 5',
      'koeln 1-2 10',
      'koeln 2-3 10 paused',
      'koeln 3-5 5',
    ]);
  });

  it('follows an interval of a feed of its own, and its change', async () => {
    const own = (atMs: number, minutes: number | undefined, slotMinutes = 10) => {
      const { feeds, ...rest } = entry(atMs, { koeln: false, bonn: false }, slotMinutes);
      const members = minutes === undefined ? {} : { interval_minutes: minutes };
      return { ...rest, feeds: feeds.map((feed) => (feed.name === 'bonn' ? { ...feed, ...members } : feed)) };
    };
    await recordCollection(store, own(hour(1), 30));
    await recordCollection(store, own(hour(2), 60));
    await recordCollection(store, own(hour(3), undefined));
    await recordCollection(store, own(hour(4), 30, 20));
    expect(await expected(0, 5)).toEqual([
      'bonn 1-2 30',
      'bonn 2-3 60',
      'bonn 3-4 10',
      'bonn 4-5 60',
      'koeln 1-2 10',
      'koeln 2-3 10',
      'koeln 3-4 10',
      'koeln 4-5 20',
    ]);
  });

  it('is cut to the range that is asked for', async () => {
    await recordCollection(store, entry(hour(1), { koeln: false }));
    await recordCollection(store, entry(hour(4), {}));
    expect(await expected(2, 3)).toEqual(['koeln 2-3 10']);
    expect(await expected(0, 9)).toEqual(['koeln 1-4 10']);
    expect(await expected(-9, 1)).toEqual([]);
    expect(await expected(4, 9)).toEqual([]);
  });

  it("is the union of two collectors' logs, however they were brought together", async () => {
    const other = temporaryStore();
    await recordCollection(store, entry(hour(1), { koeln: false }));
    await recordCollection(other, entry(hour(2), { koeln: true, bonn: false }));
    await recordCollection(other, entry(hour(3), {}));
    const union = ['bonn 2-3 10', 'koeln 1-5 10', 'koeln 2-3 10 paused'];
    await copyLog(other, store);
    await copyLog(store, other);
    await copyLog(other, store);
    expect(await expected(0, 5)).toEqual(union);
    expect(await expected(0, 5, other)).toEqual(union);
    // The other collector's feeds are not this collector's feeds.
    expect((await collectionAt(store, hour(2)))?.feeds.map(({ name }) => name)).toEqual(['koeln']);
  });

  it('is a whole local day where polls were imported, 25 hours of it when the clocks go back', async () => {
    const day = '2022-10-30';
    const { start, end } = dayBounds(day, ZONE);
    const imported = { feed: 'koeln', source: 'chargecloud', day, intervalMinutes: 10 };
    for (const feed of ['koeln', 'bonn', 'koeln']) await recordImport(store, { ...imported, feed });
    const found = await expectations(store, { startMs: start - HOUR_MS, endMs: end + HOUR_MS }, ZONE);
    expect(found).toHaveLength(2);
    for (const one of found) expect([one.startMs, one.endMs, one.paused]).toEqual([start, end, false]);
    expect(end - start).toBe(25 * HOUR_MS);
    expect(await expectations(store, { startMs: end, endMs: end + HOUR_MS }, ZONE)).toEqual([]);
    expect(await collectionAt(store, end)).toBeNull();
  });

  it('covers each instant with the entry that held then, whatever the order of writing', async () => {
    const change = fc.record({
      at: fc.integer({ min: 0, max: 20 }),
      feeds: fc.dictionary(fc.constantFrom('koeln', 'bonn', 'kiel'), fc.boolean()),
    });
    const changes = fc.uniqueArray(change, { selector: ({ at }) => at, maxLength: 6 });
    const property = fc.asyncProperty(changes, fc.integer({ min: 0, max: 21 }), async (log, at) => {
      const fresh = temporaryStore();
      for (const { at: from, feeds } of log) await recordCollection(fresh, entry(hour(from), feeds));
      const holding = log
        .filter((one) => one.at <= at)
        .sort((a, b) => a.at - b.at)
        .at(-1);
      const found = await expected(at, at + 0.5, fresh);
      const feeds = Object.entries(holding?.feeds ?? {});
      expect(found).toEqual(
        feeds.map(([feed, paused]) => `${feed} ${at}-${at + 0.5} 10${paused ? ' paused' : ''}`).sort(),
      );
      expect((await collectionAt(fresh, hour(at)))?.feeds.length ?? 0).toBe(feeds.length);
    });
    await fc.assert(property, { numRuns: 25 });
  });
});

it('the last expected days are those of collectors and imports, today included', async () => {
  const days = (count: number) => lastExpectedDays(store, count, hour(12), ZONE);
  expect(await days(3)).toEqual([]);
  await recordImport(store, { feed: 'koeln', source: 'chargecloud', day: '2021-10-03', intervalMinutes: 10 });
  await recordCollection(store, entry(hour(-24), { koeln: false }));
  expect(await days(9)).toEqual(['2021-10-03', '2022-01-10', '2022-01-11', '2022-01-12']);
  expect(await days(2)).toEqual(['2022-01-11', '2022-01-12']);
});
