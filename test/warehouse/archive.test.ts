import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { planArchive } from '../../src/activities/archive.js';
import { addDays, slotsOfDay } from '../../src/domain/day.js';
import { runActivity } from '../activities/support/runActivity.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, newLoad, openBench, stepsOf } from './support/loads.js';
import { column, digest, query } from './support/query.js';

const NEXT_DAY = addDays(DAY, 1);

/** Open a bench with two loaded days of two charging points. One query_time belongs to both days. */
async function loadedBench(): Promise<LoadBench> {
  const bench = await openBench();
  for (const day of [DAY, NEXT_DAY]) {
    for (const slot of slotsOfDay(day, ZONE, 10).slice(0, 2)) {
      const stations = [
        station('1', [point('11', 'CHARGING', { parkingsensor_status: 'OCCUPIED' }), point('12', 'a, "b"')]),
      ];
      await putPoll(bench.raw, { slot, body: envelope(slot, stations) });
    }
    await loadDay(bench, day);
  }
  return bench;
}

const facts = (url: string) =>
  query(url, 'select day::text, count(*)::int as facts from status_chargingpoints group by 1 order by 1');
const times = (url: string) =>
  column(
    url,
    'select count(*)::int from time where query_time not in (select query_time from status_chargingpoints)',
  );

it('a day’s facts leave the warehouse once they are in the flat store, and nothing else of it', async () => {
  const bench = await loadedBench();
  const loaded = await query(bench.url, `select * from charging_point_history`);
  expect(await bench.warehouse.archivableDays(NEXT_DAY, 10)).toEqual([DAY]);
  expect(await bench.warehouse.archiveDay(DAY, bench.flat)).toBe(8);
  expect(await facts(bench.url)).toEqual([{ day: NEXT_DAY, facts: 4 }]);
  expect(await times(bench.url)).toEqual([0]);
  expect(await query(bench.url, `select * from charging_point_history`)).toEqual(loaded);
  expect(await bench.warehouse.archivableDays(NEXT_DAY, 10)).toEqual([]);
  expect(await bench.warehouse.isArchived({ day: DAY })).toBe(true);
  expect(await bench.warehouse.isArchived({ day: NEXT_DAY })).toBe(false);

  const csv = gunzipSync(await bench.flat.get(`archive/${DAY}/status_chargingpoints.csv.gz`)).toString();
  expect(csv.split('\n')).toHaveLength(1 + 4 + 1);
  expect(csv).toContain(
    `12@20220110T2300Z,12,2022-01-10 23:00:02+00,"a, ""b""",,2022-01-10 23:00:00+00,${DAY}`,
  );
  const manifest = JSON.parse((await bench.flat.get(`archive/${DAY}/manifest.json`)).toString()) as object;
  expect(manifest).toMatchObject({
    day: DAY,
    revision: 1,
    tables: { status_chargingpoints: { rows: 4 }, status_connectors: { rows: 4 } },
  });
});

it('they come back with a load, to stay, and the warehouse is as it was', async () => {
  const bench = await loadedBench();
  const loaded = await digest(bench.url);
  await bench.warehouse.archiveDay(DAY, bench.flat);
  expect(await digest(bench.url)).not.toEqual(loaded);
  await loadDay(bench, DAY);
  expect(await digest(bench.url)).toEqual(loaded);
  expect(await bench.warehouse.isArchived({ day: DAY })).toBe(false);
  expect(await bench.warehouse.archivableDays(NEXT_DAY, 10)).toEqual([]);
});

it('a load without facts brings all but these, and the rebuilt warehouse knows which days are archived', async () => {
  const bench = await loadedBench();
  await bench.warehouse.archiveDay(DAY, bench.flat);
  const archived = await digest(bench.url);
  await bench.warehouse.beginRebuild('first');
  expect(await bench.warehouse.isArchived({ day: DAY, isRebuild: true })).toBe(true);
  for (const [day, withoutFacts] of [
    [DAY, true],
    [NEXT_DAY, false],
  ] as const)
    for (const step of stepsOf(bench, { ...newLoad(day), isRebuild: true, withoutFacts })) await step.run();
  expect(await bench.warehouse.exchange('first')).toEqual([]);
  expect(await digest(bench.url)).toEqual(archived);
  expect(await bench.warehouse.isArchived({ day: DAY })).toBe(true);
});

it('nothing leaves where the day is published while it is written, or where the store does not keep what it is given', async () => {
  const bench = await loadedBench();
  const loaded = await digest(bench.url);
  const publishing = Object.assign(Object.create(bench.flat) as typeof bench.flat, {
    async put(key: string, body: Uint8Array) {
      await bench.flat.put(key, body);
      if (key.endsWith('manifest.json')) await loadDay(bench, DAY);
    },
  });
  expect(await bench.warehouse.archiveDay(DAY, publishing)).toBeNull();
  const losing = Object.assign(Object.create(bench.flat) as typeof bench.flat, {
    getStream: () => bench.flat.getStream(`archive/${DAY}/status_connectors.csv.gz`),
  });
  await expect(bench.warehouse.archiveDay(DAY, losing)).rejects.toThrow(
    'was read back with other content than was written',
  );
  expect(await digest(bench.url)).toEqual(loaded);
  expect(await bench.warehouse.archivableDays(NEXT_DAY, 10)).toEqual([DAY]);
});

it('is off by default; else the days that are older than so many months leave', async () => {
  const bench = await loadedBench();
  const plan = async (retentionMonths: number | undefined, now: string) => {
    const deps = { ...bench, retentionMonths, timeZone: ZONE, now: () => Date.parse(now) };
    return (await runActivity(planArchive, deps)).days;
  };
  expect(await plan(undefined, '2030-01-01')).toEqual([]);
  expect(await plan(6, '2022-07-11T04:10:00+02:00')).toEqual([]);
  expect(await plan(6, '2022-07-12T04:10:00+02:00')).toEqual([DAY]);
  expect(await plan(6, '2022-07-13T04:10:00+02:00')).toEqual([DAY, NEXT_DAY]);
});
