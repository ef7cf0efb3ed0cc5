import { expect, it } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import { addDays, slotsOfDay } from '../../src/domain/day.js';
import { listRawSlot } from '../../src/stores/raw.js';
import { DAY, envelope, point, putPoll, slotAt, station, ZONE } from '../cleaning/support/polls.js';
import { loadDay, type LoadBench, newLoad, openBench, stepsOf } from './support/loads.js';
import { runActivity } from '../activities/support/runActivity.js';
import { column, digest, query } from './support/query.js';

const NEXT_DAY = addDays(DAY, 1);

/** Store one answer with two stations. `fields` are fields of the first station. */
async function poll({ raw }: LoadBench, slot: number, fields: Record<string, unknown> = {}, feed = 'koeln') {
  const stations = [station('1', [point('11', 'CHARGING')], fields), station('2', [point('21')])];
  return putPoll(raw, { slot, feed, body: envelope(slot, stations) });
}
const nextSlot = (index: number) => slotsOfDay(NEXT_DAY, ZONE, 10)[index] ?? NaN;

it('a loaded day has its facts, their dimensions and times, and its ledger', async () => {
  const bench = await openBench();
  await poll(bench, slotAt(0), { name: 'old' });
  await poll(bench, slotAt(1), { name: '"new"\0\n' });
  const published = await loadDay(bench, DAY, 'first');
  expect(published).toEqual({
    day: DAY,
    revision: 1,
    polls: 2,
    chargingPointFacts: 4,
    connectorFacts: 4,
    quarantined: 0,
    unreadable: 0,
  });
  expect(
    await query(bench.url, 'select id_status_cp, status_cp, day::text from status_chargingpoints order by 1'),
  ).toEqual([
    { id_status_cp: '11@20220110T2300Z', status_cp: 'CHARGING', day: DAY },
    { id_status_cp: '11@20220110T2310Z', status_cp: 'CHARGING', day: DAY },
    { id_status_cp: '21@20220110T2300Z', status_cp: 'AVAILABLE', day: DAY },
    { id_status_cp: '21@20220110T2310Z', status_cp: 'AVAILABLE', day: DAY },
  ]);
  expect(await column(bench.url, 'select name from charging_station order by id_cs')).toEqual([
    '"new"',
    'Station 2',
  ]);
  expect(await query(bench.url, 'select hour, day, week, month, year, weekday from time limit 1')).toEqual([
    { hour: 0, day: 11, week: 2, month: 1, year: 2022, weekday: 2 },
  ]);
  expect(await query(bench.url, 'select revision, reason from ops.day_revision')).toEqual([
    { revision: 1, reason: 'first' },
  ]);
  expect(await column(bench.url, `select nspname from pg_namespace where nspname like 'staging_%'`)).toEqual(
    [],
  );
});

it('a day without polls is published with nothing in it, and replaces what it held', async () => {
  const bench = await openBench();
  expect(await loadDay(bench, DAY)).toMatchObject({ revision: 1, polls: 0, chargingPointFacts: 0 });
  const empty = await digest(bench.url);
  const key = await poll(bench, slotAt(0));
  await loadDay(bench, DAY);
  expect(await digest(bench.url)).not.toEqual(empty);
  await bench.raw.remove(key);
  expect(await loadDay(bench, DAY)).toMatchObject({ revision: 3, polls: 0, chargingPointFacts: 0 });
  expect(await digest(bench.url)).toEqual(empty);
});

it('a day is replaced after raw changed: what vanished goes, another day is not touched', async () => {
  const bench = await openBench();
  const only = await poll(bench, slotAt(0), { id: '1', evses: [point('11'), point('12')] });
  await poll(bench, slotAt(5));
  await poll(bench, nextSlot(0), { name: 'next day' });
  await loadDay(bench, NEXT_DAY);
  await loadDay(bench, DAY);
  const other = await digest(bench.url, NEXT_DAY);
  expect(await column(bench.url, 'select id_cp from charging_point order by 1')).toEqual(['11', '12', '21']);
  expect(await column(bench.url, `select name from charging_station where id_cs = 1`)).toEqual(['next day']);

  await bench.raw.remove(only);
  await loadDay(bench, DAY);
  expect(await column(bench.url, 'select id_cp from charging_point order by 1')).toEqual(['11', '21']);
  expect(await column(bench.url, 'select id_connector from connector order by 1')).toEqual(['110', '210']);
  expect(await digest(bench.url, NEXT_DAY)).toEqual(other);
  expect(await timesWithoutFacts(bench.url)).toEqual({ missing: 0, more: 0 });
});

it('`time` keeps an instant that another day or feed needs, and loses it with the last', async () => {
  const bench = await openBench();
  // The same timestamp occurs at the border of two days, in answers of two feeds, and in an answer without charging
  // points.
  const instant = slotAt(143) + 590_000;
  const put = (slot: number, feed: string, stations: unknown[]) =>
    putPoll(bench.raw, {
      slot,
      feed,
      receivedMs: instant,
      body: envelope(slot, stations, new Date(instant).toISOString()),
    });
  const keys = [
    await put(slotAt(143), 'koeln', [station('1', [point('11')])]),
    await put(nextSlot(0), 'bonn', [station('2', [point('21')])]),
  ];
  await put(slotAt(142), 'kiel', []);
  for (const expected of [1, 1, 0]) {
    for (const day of [DAY, NEXT_DAY]) await loadDay(bench, day);
    expect(await column(bench.url, 'select count(*)::int from time')).toEqual([expected]);
    expect(await timesWithoutFacts(bench.url)).toEqual({ missing: 0, more: 0 });
    await bench.raw.remove(keys.shift() ?? 'polls/none');
  }
});

it('publishing is refused when answers came or went since they were cleaned', async () => {
  const bench = await openBench();
  await poll(bench, slotAt(0));
  const changes: [string, () => Promise<unknown>][] = [
    ['another slot', () => poll(bench, slotAt(1))],
    [
      'an earlier answer of a slot',
      () => putPoll(bench.raw, { slot: slotAt(0), receivedMs: slotAt(0), body: {} }),
    ],
    ['a new feed', () => poll(bench, slotAt(0), {}, 'bonn')],
    [
      'one less',
      async () => {
        const [first] = await listRawSlot(bench.raw, 'accepted', 'koeln', DAY, slotAt(0));
        await bench.raw.remove(first?.key ?? '');
      },
    ],
  ];
  for (const [what, change] of changes) {
    const steps = stepsOf(bench, newLoad(DAY));
    for (const step of steps.slice(0, -1)) await step.run();
    await change();
    const refused = await steps
      .at(-1)
      ?.run()
      .catch((error: unknown) => error);
    expect(refused, what).toBeInstanceOf(ApplicationFailure);
    expect(refused, what).toMatchObject({ type: 'LoadOutdated', nonRetryable: true });
    expect(await column(bench.url, 'select count(*)::int from ops.day_revision')).toEqual([0]);
  }
  await loadDay(bench, DAY);
});

it('a load that waited for its turn does not replace one that knows more', async () => {
  const bench = await openBench();
  await poll(bench, slotAt(0));
  const older = stepsOf(bench, newLoad(DAY));
  for (const step of older.slice(0, -1)) await step.run();
  await poll(bench, slotAt(1));
  await loadDay(bench, DAY);
  const known = await digest(bench.url);
  await expect(older.at(-1)?.run()).rejects.toMatchObject({ type: 'LoadOutdated' });
  expect(await digest(bench.url)).toEqual(known);
});

it("keys of facts are the same in every session's time zone", async () => {
  const bench = await openBench();
  for (const index of [0, 71, 143]) await poll(bench, slotAt(index));
  await loadDay(bench, DAY);
  const zones = ['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kathmandu'];
  const keys = await Promise.all(
    zones.map(async (zone) =>
      (
        await query(
          bench.url,
          `set timezone = '${zone}'`,
          'select id_status_cp as key from status_chargingpoints union all select id_status_connectors from status_connectors order by 1',
        )
      ).map(({ key }) => key),
    ),
  );
  expect(new Set(keys.map((list) => list.join())).size).toBe(1);
  expect(keys[0]).toContain('11@20220111T1050Z');
});

it('discarding a load leaves nothing of it in staging or in the flat store', async () => {
  const bench = await openBench();
  await poll(bench, slotAt(0));
  const load = newLoad(DAY);
  for (const step of stepsOf(bench, load).slice(0, -1)) await step.run();
  await runActivity(bench.activities.discardLoad, load);
  await runActivity(bench.activities.discardLoad, load);
  expect(await column(bench.url, `select nspname from pg_namespace where nspname like 'staging_%'`)).toEqual(
    [],
  );
  for await (const { key } of bench.flat.list('')) expect.fail(`${key} was left`);
});

/** Return the number of query times of facts that `time` lacks, and the number of other query times in `time`. */
async function timesWithoutFacts(url: string) {
  const [row] = await query(
    url,
    `with facts as (select query_time from status_chargingpoints union select query_time from status_connectors)
     select (select count(*)::int from (select * from facts except select query_time from time) m) as missing,
       (select count(*)::int from (select query_time from time except select * from facts) m) as more`,
  );
  return row;
}
