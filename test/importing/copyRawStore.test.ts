import { describe, expect, it } from 'vitest';
import { copyRawStore } from '../../src/importing/copyRawStore.js';
import { putCorrection, readCorrections } from '../../src/stores/corrections.js';
import { collectorId, expectations, recordCollection } from '../../src/stores/collectionLog.js';
import { getRaw, listRaw, listRawFeeds, putRaw } from '../../src/stores/raw.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import { listUnsealedFeeds, removeSealedRuns } from '../../src/stores/sealed/sealRuns.js';
import { putSlotRun } from '../../src/stores/slotRuns.js';
import type { Store } from '../../src/stores/store.js';
import { contents, emptyRawStore, keysBelow } from './rawStore.js';

const SLOT = Date.UTC(2022, 0, 11, 20, 50);
const DAY = '2022-01-11';

/** Record in the collection log that a collector polls these feeds. */
async function startCollecting(store: Store, feeds: string[]): Promise<void> {
  await recordCollection(store, {
    at: new Date(SLOT).toISOString(),
    reason: 'start',
    interval_minutes: 10,
    feeds: feeds.map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
}

/** Store an accepted answer, a rejected answer, and the record of their slot run. */
async function collect(store: Store, feed: string, body: string, run: string): Promise<void> {
  const origin = {
    feed,
    source: 'chargecloud',
    url: null,
    origin: 'poll',
    started_at: null,
    http_status: 200,
    attempts: 1,
    reason: null,
    file: null,
    slot: SLOT,
    day: DAY,
    receivedMs: SLOT + 1000,
  } as const;
  await putRaw(store, 'accepted', origin, Buffer.from(body));
  await putRaw(store, 'rejected', { ...origin, reason: 'not_json' }, Buffer.from(`${body}!`));
  await putSlotRun(store, DAY, SLOT, {
    workflow_id: 'acquireSlot',
    run_id: run,
    recorded_at: new Date(SLOT).toISOString(),
    outcomes: [],
  });
}

async function twoCollectors(): Promise<{ ours: Store; theirs: Store }> {
  const [{ store: ours }, { store: theirs }] = [await emptyRawStore(), await emptyRawStore()];
  await startCollecting(ours, ['bonn']);
  await startCollecting(theirs, ['bonn', 'kiel']);
  await collect(ours, 'bonn', '{"a":1}', 'run-of-ours');
  await collect(theirs, 'bonn', '{"a":2}', 'run-of-theirs');
  await collect(theirs, 'kiel', '{"a":1}', 'second-run-of-theirs');
  return { ours, theirs };
}

const withoutCollector = (objects: Map<string, string>): [string, string][] =>
  [...objects].filter(([key]) => key !== 'collector.json');

it('makes a raw store the union of itself and the other', async () => {
  const { ours, theirs } = await twoCollectors();
  const [before, other] = [await contents(ours), await contents(theirs)];

  expect(await copyRawStore(theirs, ours)).toEqual({ copied: other.size - 1, alreadyThere: 0 });

  expect(await contents(ours)).toEqual(new Map([...withoutCollector(other), ...before].sort(byKey)));
  expect(await contents(theirs)).toEqual(other);
});

const EXCLUDED = { from: SLOT, to: SLOT + 600_000, reason: 'wrong', by: 'them@host' };

it('copies corrections before any answer, so that no excluded answer ever counts', async () => {
  const { ours, theirs } = await twoCollectors();
  const correction = { kind: 'exclude', feed: 'kiel', ...EXCLUDED } as const;
  const made = await putCorrection(theirs, correction, { earlier: [], nowMs: SLOT });
  const order: string[] = [];
  const watched = Object.assign(Object.create(ours) as Store, {
    putNew: (key: string, body: Uint8Array) => (order.push(key), ours.putNew(key, body)),
  });
  await copyRawStore(theirs, watched);
  expect(order[0]).toBe(`corrections/kiel/${made.id}.json`);
  expect((await readCorrections(ours)).excludes('kiel', SLOT)).toBe(true);
});

it('copies nothing of a store with a correction that can’t be read', async () => {
  const { ours, theirs } = await twoCollectors();
  const correction = { kind: 'exclude', feed: 'kiel', ...EXCLUDED } as const;
  const { id } = await putCorrection(theirs, correction, { earlier: [], nowMs: SLOT });
  const key = `corrections/kiel/${id}.json`;
  await theirs.put(key, (await theirs.get(key)).subarray(0, 30));
  const before = await contents(ours);
  await expect(copyRawStore(theirs, ours)).rejects.toThrow(`${key} in the raw store is damaged`);
  expect(await contents(ours)).toEqual(before);
});

it('leaves each collector its own log: both say what was to be polled', async () => {
  const { ours, theirs } = await twoCollectors();
  const [us, them] = [await collectorId(ours), await collectorId(theirs)];
  await copyRawStore(theirs, ours);
  expect(await collectorId(ours)).toBe(us);
  expect(await ours.listFolders('collection/')).toEqual([us, them].sort());
  const expected = await expectations(ours, { startMs: SLOT, endMs: SLOT + 600_000 }, 'Europe/Berlin');
  expect(new Set(expected.map(({ feed }) => feed))).toEqual(new Set(['bonn', 'kiel']));
});

it('gives the same whichever store is copied into the other, but for the collector', async () => {
  const { ours, theirs } = await twoCollectors();
  await copyRawStore(theirs, ours);
  await copyRawStore(ours, theirs);
  expect(withoutCollector(await contents(theirs))).toEqual(withoutCollector(await contents(ours)));
});

it('copies nothing again, and replaces nothing', async () => {
  const { ours, theirs } = await twoCollectors();
  await copyRawStore(theirs, ours);
  const [key = ''] = [...(await contents(theirs)).keys()].filter((name) => name.startsWith('polls/'));
  await theirs.put(key, Buffer.from('changed'));
  const before = await contents(ours);
  const { copied, alreadyThere } = await copyRawStore(theirs, ours);
  expect([copied, alreadyThere]).toEqual([0, (await contents(theirs)).size - 1]);
  expect(await contents(ours)).toEqual(before);
});

it('passes over what no raw store has', async () => {
  const { store: theirs } = await emptyRawStore();
  const { store: ours } = await emptyRawStore();
  await theirs.put('notes.txt', Buffer.from('x'));
  await theirs.put('pollsters/x', Buffer.from('x'));
  expect(await copyRawStore(theirs, ours)).toEqual({ copied: 0, alreadyThere: 0 });
});

it('stops when it is told to', async () => {
  const { ours, theirs } = await twoCollectors();
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(copyRawStore(theirs, ours, { signal })).rejects.toThrow('stopped');
});

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

describe('of sealed days', () => {
  const seal = async (store: Store) => {
    for (const feed of await listUnsealedFeeds(store, DAY)) await sealFeedDay(store, feed, DAY);
    await removeSealedRuns(store, DAY);
  };
  const answersOf = async (store: Store) => {
    const answers = new Map<string, unknown>();
    for (const kind of ['accepted', 'rejected'] as const)
      for (const feed of await listRawFeeds(store, kind))
        for await (const { key } of listRaw(store, kind, feed, DAY))
          answers.set(key, await getRaw(store, key));
    return answers;
  };

  it.each([
    [true, true],
    [true, false],
    [false, true],
  ])('it makes the same union: ours sealed %s, theirs sealed %s', async (sealOurs, sealTheirs) => {
    const { ours, theirs } = await twoCollectors();
    const expected = new Map([...(await answersOf(ours)), ...(await answersOf(theirs))].sort());
    if (sealOurs) await seal(ours);
    if (sealTheirs) await seal(theirs);
    await copyRawStore(theirs, ours);
    expect(new Map([...(await answersOf(ours))].sort())).toEqual(expected);
    await seal(ours);
    expect(new Map([...(await answersOf(ours))].sort())).toEqual(expected);
    expect(await ours.listFolders('polls/')).toEqual([]);
    const sealed = await keysBelow(ours, 'sealed/');
    expect(sealed.map((key) => key.split('/')[1])).toEqual(['bonn', 'kiel']);
  });

  it.each([true, false])(
    'it copies nothing again that is part of what is sealed: theirs sealed %s',
    async (sealTheirs) => {
      const { ours, theirs } = await twoCollectors();
      const outcome = { outcome: 'missed', reason: 'late', key: null, attempts: 0 } as const;
      for (const [index, run] of ['first', 'second', 'last'].entries())
        await putSlotRun(theirs, DAY, SLOT + index * 600_000, {
          workflow_id: 'acquireSlot',
          run_id: run,
          recorded_at: new Date(SLOT).toISOString(),
          outcomes: [
            { feed: 'bonn', ...outcome },
            { feed: 'kiel', ...outcome },
          ],
        });
      if (sealTheirs) await seal(theirs);
      await copyRawStore(theirs, ours);
      await seal(ours);
      const before = await contents(ours);
      const { copied, alreadyThere } = await copyRawStore(theirs, ours);
      expect([copied, alreadyThere]).toEqual([0, (await contents(theirs)).size - 1]);
      expect(await contents(ours)).toEqual(before);
    },
  );

  it('it misses nothing where the other store is being sealed meanwhile', async () => {
    const { ours, theirs } = await twoCollectors();
    const expected = new Map([...(await answersOf(ours)), ...(await answersOf(theirs))].sort());
    let gets = 0;
    const beingSealed = Object.assign(Object.create(theirs) as Store, {
      async get(key: string) {
        if (gets++ === 0) await seal(theirs);
        return theirs.get(key);
      },
    });
    await copyRawStore(beingSealed, ours);
    expect(gets).toBeGreaterThan(0);
    expect(new Map([...(await answersOf(ours))].sort())).toEqual(expected);
  });
});
