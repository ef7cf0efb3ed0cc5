import type { Client } from '@temporalio/client';
import { beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { LoadDeps } from '../../src/activities/load/deps.js';
import { cleanFeedDay } from '../../src/cleaning/clean.js';
import { createCleaner } from '../../src/cleaning/pool.js';
import { excessiveData } from '../../src/simulation/feed/excessiveData.js';
import { stagingSchema } from '../../src/warehouse/load/staging.js';
import type { Load } from '../../src/warehouse/warehouse.js';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.js';
import { DAY, envelope, point, putPoll, slotAt, station } from '../cleaning/support/polls.js';
import { openTestClient } from '../support/temporal.js';
import { activitiesOf, type LoadBench, openBench } from '../warehouse/support/loads.js';
import { column, query } from '../warehouse/support/query.js';
import { failureOf, startRun } from './support/runs.js';

let client: Client;
beforeAll(async () => {
  client = await openTestClient();
  return () => client.connection.close();
});

let bench: LoadBench;
beforeEach(async () => {
  bench = await openBench();
  await put(0, 'koeln');
  await put(0, 'bonn');
});

/** Store an answer with two charging points that only this feed has. */
async function put(index: number, feed: string): Promise<void> {
  const slot = slotAt(index);
  const id = feed === 'koeln' ? '1' : '2';
  const body = envelope(slot, [station(id, [point(`${id}1`), point(`${id}2`)])]);
  await putPoll(bench.raw, { slot, feed, body });
}

const aside = () => column(bench.url, `select nspname from pg_namespace where nspname like 'staging_%'`);
const revisions = () => column(bench.url, 'select reason from ops.day_revision order by revision');

it('loads a day and says what it did, in its result and its search attributes', async () => {
  const run = await startRun(client, 'loadDay', bench.activities, { day: DAY, reason: 'test' });
  expect(await run.result()).toEqual({
    day: DAY,
    revision: 1,
    feeds: 2,
    polls: 2,
    chargingPointFacts: 4,
    connectorFacts: 4,
    quarantined: 0,
    unreadable: 0,
  });
  const { typedSearchAttributes: attributes } = await run.describe();
  expect(attributes.get(SEARCH_ATTRIBUTES.day)).toBe(DAY);
  expect(attributes.get(SEARCH_ATTRIBUTES.facts)).toBe(8);
  expect(await revisions()).toEqual(['test']);
  expect(await aside()).toEqual([]);
});

it("loads a day of which a feed's answers have a million records each: they are unreadable, others are published", async () => {
  const body = Buffer.from(`{"data":${excessiveData('stations', 1_000_000)},"status_code":1000}`);
  for (const index of [0, 1, 2]) await putPoll(bench.raw, { slot: slotAt(index), feed: 'kiel', body });
  const { raw, flat, warehouse } = bench;
  const cleaner = createCleaner({ rawUrl: raw.url, flatUrl: flat.url }, 2);
  onTestFinished(() => cleaner.close());
  const activities = activitiesOf({ raw, flat, warehouse, clean: cleaner.clean });
  const run = await startRun(client, 'loadDay', activities, { day: DAY, reason: 'test' });
  expect(await run.result()).toMatchObject({ polls: 2, chargingPointFacts: 4, unreadable: 3 });
  const found = `select distinct feed || ' ' || reason from ops.quarantine where entity = 'poll'`;
  expect(await column(bench.url, found)).toEqual(['kiel too_many_records']);
});

it('cleans the day again when answers come while it is being loaded', async () => {
  const rounds: string[] = [];
  const publishLoad = async (load: Load & { reason: string }) => {
    rounds.push(stagingSchema(load));
    if (rounds.length === 1) await put(1, 'koeln');
    return bench.activities.publishLoad(load);
  };
  const run = await startRun(client, 'loadDay', { ...bench.activities, publishLoad }, { day: DAY });
  expect(await run.result()).toMatchObject({ revision: 1, polls: 3, chargingPointFacts: 6 });
  expect(new Set(rounds).size).toBe(2); // each round has its own staging schema
  expect(await aside()).toEqual([]);
});

/** Data that a load of another version of the program leaves for the steps of this version. */
const LEFT_BY_ANOTHER_VERSION: [string, (load: Load) => Promise<unknown>][] = [
  [
    'flat files',
    async ({ run }) => {
      for await (const { key } of bench.flat.list(`${DAY}/${run}/`)) {
        if (!key.endsWith('/manifest.json')) continue;
        const manifest = JSON.parse((await bench.flat.get(key)).toString()) as object;
        await bench.flat.put(key, Buffer.from(JSON.stringify({ ...manifest, version: 1 })));
      }
    },
  ],
  ['tables', (load) => query(bench.url, `drop table ${stagingSchema(load)}.new_connector_status_span`)],
];

it.each(LEFT_BY_ANOTHER_VERSION)('begins anew where another version made its %s', async (_, leave) => {
  const rounds: string[] = [];
  const compareFeeds = async (load: Load) => {
    rounds.push(load.run);
    if (rounds.length === 1) await leave(load);
    return bench.activities.compareFeeds(load);
  };
  const run = await startRun(client, 'loadDay', { ...bench.activities, compareFeeds }, { day: DAY });
  expect(await run.result()).toMatchObject({ revision: 1, polls: 2, chargingPointFacts: 4 });
  expect(new Set(rounds).size).toBe(2);
  expect(await aside()).toEqual([]);
});

it('publishes the rest where a feed slice can’t be cleaned, names it, and takes it in with a later load', async () => {
  await put(1, 'koeln');
  const clean: LoadDeps['clean'] = async ({ set }) => {
    if (set.feed === 'koeln') return 'polls/koeln/x.json.gz: out of its depth';
    await cleanFeedDay(bench, set);
    return null;
  };
  const run = await startRun(client, 'loadDay', activitiesOf({ ...bench, clean }), { day: DAY });
  const left = { leftOut: ['koeln'], polls: 1, unreadable: 2, chargingPointFacts: 2 };
  expect(await run.result()).toMatchObject(left);
  expect(await detailsOf(run)).toContain("left out, because they can't be cleaned: koeln");
  expect(await column(bench.url, 'select reason from ops.quarantine')).toEqual(['cleaning_failed']);
  expect(await column(bench.url, `select unreadable from ops.ledger where feed = 'koeln'`)).toEqual([2]);

  const next = await startRun(client, 'loadDay', bench.activities, { day: DAY });
  const whole = (await next.result()) as object;
  expect(whole).not.toHaveProperty('leftOut');
  expect(whole).toMatchObject({ revision: 2, polls: 3, unreadable: 0, chargingPointFacts: 6 });
});

it('waits for a store that fails, however often it has to try', async () => {
  let failures = 5;
  const clean: LoadDeps['clean'] = async ({ set }) => {
    if (failures-- > 0) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    await cleanFeedDay(bench, set);
    return null;
  };
  const run = await startRun(client, 'loadDay', activitiesOf({ ...bench, clean }), { day: DAY });
  expect(await run.result()).toMatchObject({ polls: 2, unreadable: 0, chargingPointFacts: 4 });
  expect(failures).toBeLessThan(0);
});

it('of a day of very many chunks keeps each history short', async () => {
  const feeds = Array.from({ length: 21 }, (_, index) => `feed-${index}`);
  for (const [index, feed] of feeds.entries()) {
    for (let hour = 0; hour < 24; hour++) {
      const slot = slotAt(hour * 6);
      await putPoll(bench.raw, {
        slot,
        feed,
        body: envelope(slot, [station(`${index + 3}`, [point(`p${index}`)])]),
      });
    }
  }
  const chunkSizes = { maxBytes: 1, chunks: 1_000, minBytes: 1 };
  const run = await startRun(client, 'loadDay', activitiesOf({ ...bench, chunkSizes }), { day: DAY });
  expect(await run.result()).toMatchObject({ feeds: 23, polls: 506, chargingPointFacts: 508 });
  expect(((await run.fetchHistory()).events ?? []).length).toBeLessThan(400);
  // A status that lasted for hours is one content span, as if the day had been cleaned in one slice.
  const spans = `select count(*)::int from ops.charging_point_content_span where polls = 24`;
  expect(await column(bench.url, spans)).toEqual([21]);
});

it('fails for good where a promise is broken, publishes nothing and leaves nothing', async () => {
  const checkLoad = async (load: Load) => {
    await query(bench.url, `delete from ${stagingSchema(load)}.new_connector_status_span`);
    return bench.activities.checkLoad(load);
  };
  const run = await startRun(client, 'loadDay', { ...bench.activities, checkLoad }, { day: DAY });
  const failure = await failureOf(run);
  expect(failure.type).toBe('LoadRefused');
  expect(failure.message).toContain('the counts of facts are equal to the numbers of copied facts');
  expect(await revisions()).toEqual([]);
  expect(await aside()).toEqual([]);
  for await (const { key } of bench.flat.list('')) expect.fail(`${key} was left`);
});

it.each<[object, RegExp]>([
  [{ day: '2022-02-30' }, /"2022-02-30" is not a day: expected a date like 2022-01-11/],
  [{ day: 'yesterday' }, /"yesterday" is not a day/],
  [{}, /This run has no day, because no schedule started it.*\{"day": "2022-01-11"\}/],
])('refuses %j, and says what a day is', async (input, message) => {
  const failure = await failureOf(await startRun(client, 'loadDay', bench.activities, input));
  expect(failure.type).toBe('NoDay');
  expect(failure.message).toMatch(message);
  expect(await revisions()).toEqual([]);
});

it('seals what it has published, and says so; a damaged sealed object keeps nobody waiting', async () => {
  const run = await startRun(client, 'loadDay', bench.activities, { day: DAY });
  await run.result();
  expect(await bench.raw.listFolders('polls/')).toEqual([]);
  expect(await bench.raw.listFolders('sealed/')).toEqual(['bonn', 'koeln']);
  expect(await detailsOf(run)).toContain('2 answers sealed, feeds: 2');

  const sealed: string[] = [];
  for await (const { key } of bench.raw.list('sealed/koeln/')) sealed.push(key);
  const sealFeeds = async (task: { feeds: string[]; day: string }) => {
    if (task.feeds.includes('koeln')) await bench.raw.put(sealed[0] ?? '', Buffer.from('damaged'));
    return bench.activities.sealFeeds(task);
  };
  await put(1, 'koeln');
  await put(1, 'bonn');
  const next = await startRun(client, 'loadDay', { ...bench.activities, sealFeeds }, { day: DAY });
  expect(await next.result()).toMatchObject({ revision: 2, polls: 4, chargingPointFacts: 8 });
  expect(await detailsOf(next)).toMatch(/2 answers sealed, feeds: 1; koeln is not sealed: sealed\/koeln\//);
  expect(await bench.raw.listFolders('polls/')).toEqual(['koeln']);
});

it.each(['in the middle', 'in the index'])(
  'leaves a day as it was published where a sealed object is damaged %s, and names the object',
  async (where) => {
    await (await startRun(client, 'loadDay', bench.activities, { day: DAY })).result();
    const sealed: string[] = [];
    for await (const { key } of bench.raw.list('sealed/koeln/')) sealed.push(key);
    const [key = ''] = sealed;
    const whole = await bench.raw.get(key);
    await bench.raw.put(key, where === 'in the index' ? Buffer.from('damaged') : whole.subarray(0, -20));
    const cleaner = createCleaner({ rawUrl: bench.raw.url, flatUrl: bench.flat.url }, 1);
    onTestFinished(() => cleaner.close());
    const threads = activitiesOf({ ...bench, clean: cleaner.clean, measure: cleaner.measure });
    for (const activities of [bench.activities, threads].slice(where === 'in the index' ? 1 : 0)) {
      const failure = await failureOf(await startRun(client, 'loadDay', activities, { day: DAY }));
      expect(failure.type).toBe('SealedDamaged');
      expect(failure.message).toMatch(
        new RegExp(
          `^${key} .*\\. Nothing was removed\\. Keep a copy of the object, and replace it by an undamaged copy`,
        ),
      );
    }
    expect(await revisions()).toHaveLength(1);
    expect(await column(bench.url, 'select count(*) from ops.poll')).toEqual([2]);

    await bench.raw.put(key, whole);
    const next = await startRun(client, 'loadDay', bench.activities, { day: DAY });
    expect(await next.result()).toMatchObject({ revision: 2, polls: 2 });
  },
);

it('of a day of very many feeds keeps the history of sealing short too', async () => {
  const feeds = Array.from({ length: 1_001 }, (_, index) => `feed-${index}`);
  const activities = {
    ...bench.activities,
    planSealing: () => Promise.resolve({ isOver: true, feeds }),
    sealFeeds: ({ feeds: some }: { feeds: string[] }) =>
      Promise.resolve(
        some.map((feed) => ({
          feed,
          answers: 2,
          unreadable: 0,
          damaged: feed === 'feed-700' ? 'cut' : null,
        })),
      ),
  };
  const run = await startRun(client, 'loadDay', activities, { day: DAY });
  await run.result();
  expect(await detailsOf(run)).toContain('2000 answers sealed, feeds: 1000; feed-700 is not sealed: cut');
  expect(((await run.fetchHistory()).events ?? []).length).toBeLessThan(300);
});

/** Return the details of the run that Temporal's Web UI shows. */
async function detailsOf(run: { query: <T>(name: string) => Promise<T> }): Promise<string> {
  const { currentDetails } = await run.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return currentDetails ?? '';
}
