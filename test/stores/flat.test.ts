import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { noExclusions } from '../../src/domain/exclusions.js';
import { FLAT_FILES, type FlatFile } from '../../src/domain/flatFiles.js';
import { emptyLedgerEntry } from '../../src/domain/ledger.js';
import {
  FLAT_VERSION,
  flatKey,
  type FlatManifest,
  type FlatSet,
  getExclusions,
  getManifest,
  getPlan,
  putPlan,
  putExclusions,
  putManifest,
  removeLoad,
  removeStaleLoads,
} from '../../src/stores/flat.js';
import { openStore } from '../../src/stores/open.js';
import { ObjectNotFound, type Store } from '../../src/stores/store.js';

const DAY = '2022-01-11';
const setOf = (feed: string, load = 'run-1') => ({ day: DAY, load, feed });

let store: Store;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-flat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  store = openStore(`file:${folder}`);
});

function manifestOf(feed: string): FlatManifest {
  const files = Object.keys(FLAT_FILES) as FlatFile[];
  const rows = Object.fromEntries(files.map((file, at) => [file, at])) as FlatManifest['rows'];
  const ledger = { ...emptyLedgerEntry(feed), bodies: 2, parsed: 1, surplus: 1 };
  return { version: FLAT_VERSION, day: DAY, feed, inventory: 'abc', rows, ledger };
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('')) found.push(key);
  return found;
}

it('a set stands below its day, load and feed, and is whole once it has its manifest', async () => {
  expect(flatKey(setOf('koeln'), 'poll')).toBe('2022-01-11/run-1/koeln/poll.csv.gz');
  await store.put(flatKey(setOf('koeln'), 'poll'), Buffer.from('x'));
  await expect(getManifest(store, setOf('koeln'))).rejects.toThrow(ObjectNotFound);
  await putManifest(store, setOf('koeln'), manifestOf('koeln'));
  expect(await getManifest(store, setOf('koeln'))).toEqual(manifestOf('koeln'));
});

it('a set of some hours stands apart from those of others', async () => {
  const [first, second] = [0, 1].map((hour) => {
    const from = Date.UTC(2022, 0, 10, 23 + hour);
    return { ...setOf('koeln'), hours: { from, to: from + 3_600_000 } };
  }) as [FlatSet, FlatSet];
  expect(flatKey(first, 'poll')).toBe('2022-01-11/run-1/koeln/20220110T2300Z/poll.csv.gz');
  await putManifest(store, first, manifestOf('koeln'));
  expect(await getManifest(store, first)).toEqual(manifestOf('koeln'));
  await expect(getManifest(store, second)).rejects.toThrow(ObjectNotFound);
});

it('of two plans of a load the first one counts', async () => {
  const hours = { from: Date.UTC(2022, 0, 10, 23), to: Date.UTC(2022, 0, 11, 2) };
  const plan = { chunks: [[{ feed: 'koeln', hours }], [{ feed: 'bonn' }]] };
  expect(await putPlan(store, DAY, 'run-1', plan)).toEqual(plan);
  expect(await putPlan(store, DAY, 'run-1', { chunks: [] })).toEqual(plan);
  expect(await getPlan(store, DAY, 'run-1')).toEqual(plan);
  await expect(getPlan(store, DAY, 'run-2')).rejects.toThrow(ObjectNotFound);
});

it('what another version of the program has made counts as not there', async () => {
  const text = JSON.stringify({ ...manifestOf('koeln'), version: 1 });
  await store.put('2022-01-11/run-1/koeln/manifest.json', Buffer.from(text));
  const reading = getManifest(store, setOf('koeln'));
  await expect(reading).rejects.toThrow(ObjectNotFound);
  await expect(reading).rejects.toThrow(
    /koeln\/manifest.json is of version 1, not \d+: .* cleaned again automatically/,
  );
});

it('a manifest that lacks a count is refused', async () => {
  const manifest = manifestOf('koeln');
  const text = JSON.stringify({ ...manifest, rows: { ...manifest.rows, poll: undefined } });
  await store.put('2022-01-11/run-1/koeln/manifest.json', Buffer.from(text));
  await expect(getManifest(store, setOf('koeln'))).rejects.toThrow(/poll/);
});

it('exclusions come back as they were', async () => {
  const exclusions = {
    ...noExclusions(),
    polls: [1_641_934_200_000],
    charging_points: { '303': [1, 2], __proto__x: [3] },
    colliding_stations: ['DE*A*1'],
  };
  await putExclusions(store, setOf('koeln'), exclusions);
  expect(await getExclusions(store, setOf('koeln'))).toEqual(exclusions);
  await expect(getExclusions(store, setOf('bonn'))).rejects.toThrow(ObjectNotFound);
});

it('a load is removed with all its feeds, and no other one', async () => {
  for (const set of [setOf('koeln'), setOf('bonn'), setOf('koeln', 'run-10')])
    await putManifest(store, set, manifestOf(set.feed));
  await putPlan(store, DAY, 'run-1', { chunks: [[{ feed: 'koeln' }, { feed: 'bonn' }]] });
  await removeLoad(store, DAY, 'run-1');
  expect(await keys()).toEqual(['2022-01-11/run-10/koeln/manifest.json']);
  await removeLoad(store, DAY, 'run-1');
});

it("what other loads of the day left goes when it is old, the current load's stays", async () => {
  for (const load of ['current', 'stale'])
    await putManifest(store, setOf('koeln', load), manifestOf('koeln'));
  await putManifest(store, { ...setOf('koeln', 'other'), day: '2022-01-12' }, manifestOf('koeln'));
  await removeStaleLoads(store, DAY, 'current', Date.now() - 60_000);
  expect(await keys()).toHaveLength(3);
  await removeStaleLoads(store, DAY, 'current', Date.now() + 60_000);
  expect(await keys()).toEqual([
    '2022-01-11/current/koeln/manifest.json',
    '2022-01-12/other/koeln/manifest.json',
  ]);
});
