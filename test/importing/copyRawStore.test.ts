import { expect, it } from 'vitest';
import { copyRawStore } from '../../src/importing/copyRawStore.js';
import { collectorId, expectations, recordCollection } from '../../src/stores/collectionLog.js';
import { putRaw } from '../../src/stores/raw.js';
import { putSlotRun } from '../../src/stores/slotRuns.js';
import type { Store } from '../../src/stores/store.js';
import { contents, emptyRawStore } from './rawStore.js';

const SLOT = Date.UTC(2022, 0, 11, 20, 50);
const DAY = '2022-01-11';

/** Writes down that a collector polls these feeds. */
async function startCollecting(store: Store, feeds: string[]): Promise<void> {
  await recordCollection(store, {
    at: new Date(SLOT).toISOString(),
    reason: 'start',
    interval_minutes: 10,
    feeds: feeds.map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
}

/** Keeps a good answer, a wrong one and the run that they are of. */
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
  await putRaw(store, 'polls', origin, Buffer.from(body));
  await putRaw(store, 'answers', { ...origin, reason: 'not_json' }, Buffer.from(`${body}!`));
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
