import { beforeEach, expect, it, vi } from 'vitest';
import { planSealing, type SealDeps, sealFeeds, sealRuns } from '../../src/activities/seal.js';
import { dayBounds } from '../../src/domain/day.js';
import { sealFeedDay } from '../../src/stores/sealed/seal.js';
import { type Stores, temporaryStores } from '../cleaning/support/stores.js';
import { DAY, keysBelow, putAnswer, putRun, TIME_ZONE } from '../stores/sealed/support/day.js';
import { runActivity } from './support/runActivity.js';

let stores: Stores;
let nowMs: number;
let failing: Set<string>;
beforeEach(() => {
  stores = temporaryStores();
  failing = new Set();
  nowMs = dayBounds(DAY, TIME_ZONE).end;
});

const seal: SealDeps['seal'] = ({ feed, day, runOutcomes }) => {
  if (failing.has(feed)) return Promise.reject(new Error(`${feed} fails`));
  return sealFeedDay(stores.raw, feed, day, runOutcomes);
};
const plan = () =>
  runActivity(planSealing, { raw: stores.raw, timeZone: TIME_ZONE, now: () => nowMs }, { day: DAY });
const sealAll = (feeds: string[]) => runActivity(sealFeeds, { raw: stores.raw, seal }, { feeds, day: DAY });
const removeRuns = () => runActivity(sealRuns, { raw: stores.raw }, { day: DAY });

it('only a day that is over is sealed, and of it only the feeds that have anything that is not', async () => {
  await putAnswer(stores.raw, { feed: 'koeln', slotIndex: 0, body: 'x' });
  await putAnswer(stores.raw, { feed: 'bonn', slotIndex: 0, kind: 'rejected', body: 'x' });
  await putRun(stores.raw, 1, 'run', { kiel: 'refused' });
  nowMs -= 1;
  expect(await plan()).toEqual({ isOver: false, feeds: [] });
  nowMs += 1;
  expect(await plan()).toEqual({ isOver: true, feeds: ['bonn', 'kiel', 'koeln'] });
  await sealAll(['koeln']);
  expect(await plan()).toEqual({ isOver: true, feeds: ['bonn', 'kiel'] });
});

it('its steps may be repeated', async () => {
  await putAnswer(stores.raw, { feed: 'koeln', slotIndex: 0, body: 'x' });
  for (const index of [0, 1]) await putRun(stores.raw, index, 'run', { koeln: 'refused', bonn: 'refused' });
  const sealed = [
    { feed: 'bonn', answers: 0, unreadable: 0, damaged: null },
    { feed: 'koeln', answers: 1, unreadable: 0, damaged: null },
  ];
  expect(await sealAll(['bonn', 'koeln'])).toEqual(sealed);
  const keys = await keysBelow(stores.raw, 'sealed/');
  expect(keys).toHaveLength(2);
  expect(await sealAll(['bonn', 'koeln'])).toEqual(sealed);
  expect(await removeRuns()).toEqual({ removed: 1 });
  expect(await removeRuns()).toEqual({ removed: 0 });
  expect(await keysBelow(stores.raw, 'sealed/')).toEqual(keys);
  expect(await plan()).toEqual({ isOver: true, feeds: [] });
});

it('a feed that fails keeps no other one from being sealed, and has the step repeated', async () => {
  const feeds = ['bonn', 'kiel', 'koeln'];
  for (const feed of feeds) await putAnswer(stores.raw, { feed, slotIndex: 0, body: 'x' });
  failing.add('bonn');
  await expect(sealAll(feeds)).rejects.toThrow('bonn fails');
  expect(await plan()).toEqual({ isOver: true, feeds: ['bonn'] });
});

it('reads a record of a slot run once for all feeds of a step', async () => {
  const feeds = ['bonn', 'kiel', 'koeln'];
  await putRun(stores.raw, 0, 'run', Object.fromEntries(feeds.map((feed) => [feed, 'refused'])));
  const get = vi.spyOn(stores.raw, 'get');
  await sealAll(feeds);
  expect(get.mock.calls.filter(([key]) => key.startsWith('runs/'))).toHaveLength(1);
});
