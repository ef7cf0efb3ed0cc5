import { beforeEach, expect, it } from 'vitest';
import { createSealActivities } from '../../src/activities/seal.js';
import { dayBounds } from '../../src/domain/day.js';
import { sealFeedDay } from '../../src/stores/sealed/seal.js';
import { type Stores, temporaryStores } from '../cleaning/support/stores.js';
import { DAY, keysBelow, putAnswer, putRun, TIME_ZONE } from '../stores/sealed/support/day.js';
import { runActivity } from './support/runActivity.js';

let stores: Stores;
let nowMs: number;
beforeEach(() => {
  stores = temporaryStores();
  nowMs = dayBounds(DAY, TIME_ZONE).end;
});

const activities = () =>
  createSealActivities({
    raw: stores.raw,
    seal: ({ feed, day }) => sealFeedDay(stores.raw, feed, day),
    timeZone: TIME_ZONE,
    now: () => nowMs,
  });
const plan = () => runActivity(activities().planSealing, { day: DAY });

it('only a day that is over is sealed, and of it only the feeds that have anything that is not', async () => {
  await putAnswer(stores.raw, { feed: 'koeln', slotIndex: 0, body: 'x' });
  await putAnswer(stores.raw, { feed: 'bonn', slotIndex: 0, kind: 'answers', body: 'x' });
  await putRun(stores.raw, 1, 'run', { kiel: 'refused' });
  nowMs -= 1;
  expect(await plan()).toEqual({ isOver: false, feeds: [] });
  nowMs += 1;
  expect(await plan()).toEqual({ isOver: true, feeds: ['bonn', 'kiel', 'koeln'] });
  await runActivity(activities().sealFeed, { feed: 'koeln', day: DAY });
  expect(await plan()).toEqual({ isOver: true, feeds: ['bonn', 'kiel'] });
});

it('its steps may be repeated', async () => {
  await putAnswer(stores.raw, { feed: 'koeln', slotIndex: 0, body: 'x' });
  for (const index of [0, 1]) await putRun(stores.raw, index, 'run', { koeln: 'refused' });
  const { sealFeed, sealRuns } = activities();
  const first = await runActivity(sealFeed, { feed: 'koeln', day: DAY });
  expect(first).toMatchObject({ answers: 1, outcomes: 2, removed: 1 });
  expect(await runActivity(sealFeed, { feed: 'koeln', day: DAY })).toEqual({ ...first, removed: 0 });
  expect(await runActivity(sealRuns, { day: DAY })).toEqual({ removed: 1 });
  expect(await runActivity(sealRuns, { day: DAY })).toEqual({ removed: 0 });
  expect(await keysBelow(stores.raw, 'sealed/')).toEqual([first.key]);
});
