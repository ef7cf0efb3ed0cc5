import type { Client } from '@temporalio/client';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Load } from '../../src/warehouse/warehouse.js';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.js';
import { addDays } from '../../src/domain/day.js';
import { DAY } from '../cleaning/support/polls.js';
import { openTestClient } from '../support/temporal.js';
import { column } from '../warehouse/support/query.js';
import { openRecent, type RecentBench } from './support/recent.js';
import { startRun } from './support/runs.js';

let client: Client;
beforeAll(async () => {
  client = await openTestClient();
  return () => client.connection.close();
});

let recent: RecentBench;
beforeEach(async () => {
  recent = await openRecent();
});

const loadRecent = (activities: object = recent.bench.activities) =>
  startRun(client, 'loadRecent', activities, {});
const facts = () =>
  column(recent.bench.url, 'select count(*)::int from status_chargingpoints group by day order by day');
const reasons = () => column(recent.bench.url, 'select distinct reason from ops.day_revision');
const aside = () =>
  column(recent.bench.url, `select nspname from pg_namespace where nspname like 'staging_%'`);

it('adds what was polled since the last time: of the day before, and of today', async () => {
  const { put, at } = recent;
  at(1);
  expect(await (await loadRecent()).result()).toEqual([]);
  await put(142, 'koeln', '11');
  at(143);
  expect(await (await loadRecent()).result()).toMatchObject([{ day: DAY, revision: 1, polls: 1 }]);
  await put(143, 'koeln', '11');
  await put(144, 'koeln', '11');
  at(145);
  const run = await loadRecent();
  expect(await run.result()).toMatchObject([
    { day: DAY, revision: 2, polls: 2, chargingPointFacts: 2 },
    { day: addDays(DAY, 1), revision: 1, polls: 1, chargingPointFacts: 1 },
  ]);
  expect((await run.describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.day)).toBe(addDays(DAY, 1));
  expect(await facts()).toEqual([2, 1]);
  expect(await reasons()).toEqual(['during the day']);
  expect(await aside()).toEqual([]);
});

it('loads the day from its beginning where an addition would not do', async () => {
  const { put, at } = recent;
  await put(0, 'koeln', '11');
  at(1);
  await (await loadRecent()).result();
  for (const index of [1, 2]) await put(index, 'bonn', '11');
  at(3);
  expect(await (await loadRecent()).result()).toMatchObject([{ revision: 2, polls: 3, feeds: 2 }]);
  expect(await aside()).toEqual([]);
});

it('plans anew where answers come late while it adds', async () => {
  const { put, at, bench } = recent;
  await put(1, 'koeln', '11');
  at(2);
  await (await loadRecent()).result();
  await put(2, 'koeln', '11');
  at(3);
  let calls = 0;
  const publishLoad = async (load: Load & { reason: string }) => {
    if (calls++ === 0) await put(0, 'koeln', '11');
    return bench.activities.publishLoad(load);
  };
  const run = await loadRecent({ ...bench.activities, publishLoad });
  expect(await run.result()).toMatchObject([{ revision: 2, polls: 3 }]);
  expect(calls).toBe(2);
  expect(await facts()).toEqual([3]);
  expect(await aside()).toEqual([]);
});
