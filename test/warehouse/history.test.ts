import { beforeEach, describe, expect, it } from 'vitest';
import { addDays, slotsOfDay } from '../../src/domain/day.js';
import { listStored } from '../../src/stores/raw.js';
import { DAY, envelope, FEED, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, openBench } from './support/loads.js';
import { column, query } from './support/query.js';

/** Hours of four days, from 0 to 95. */
const DAYS = [0, 1, 2, 3].map((days) => addDays(DAY, days));
const HOURS = DAYS.flatMap((day) => slotsOfDay(day, ZONE, 60));
const hour = (index: number) => HOURS[index] ?? NaN;
const at = (index: number) => new Date(hour(index));

let bench: LoadBench;
beforeEach(async () => {
  bench = await openBench();
});

/** Store polls of a feed for every hour from `from` to `to`. `shown` returns the stations of each poll. */
async function poll(
  from: number,
  to: number,
  shown: (index: number) => unknown[],
  feed = 'koeln',
): Promise<void> {
  for (let index = from; index <= to; index++)
    await putPoll(bench.raw, { slot: hour(index), feed, body: envelope(hour(index), shown(index)) });
}

async function loadAll(days = DAYS): Promise<void> {
  for (const day of days) await loadDay(bench, day);
}

const versions = (table: string, attributes: string, where = 'true') =>
  query(
    bench.url,
    `select ${attributes}, valid_from, valid_to, is_current, changed from ${table}_history where ${where} order by valid_from`,
  );

const OTHERS = ['21', '22', '23', '24', '25'].map((uid) => point(uid));

describe('an entity that is missed for a while', () => {
  const shownUntil =
    (last: number, again = Infinity) =>
    (index: number) =>
      index <= last || index >= again
        ? [station('1', [point('11')]), station('2', OTHERS)]
        : [station('2', OTHERS)];

  it('is retired from the first complete poll without it, once the grace of 24 hours is over', async () => {
    await poll(0, 33, shownUntil(10));
    await loadAll();
    const held = { id_cp: '11', valid_from: at(0), changed: null };
    expect(await versions('charging_point', 'id_cp', `id_cp = '11'`)).toEqual([
      { ...held, valid_to: null, is_current: true },
    ]);
    await poll(34, 34, shownUntil(10)); // complete polls of 24 hours, from 11 to 34
    await loadAll();
    expect(await versions('charging_point', 'id_cp', `id_cp = '11'`)).toEqual([
      { ...held, valid_to: at(11), is_current: false },
    ]);
    expect(
      await query(bench.url, `select id_cs, last_seen, retired_at from charging_station order by 1`),
    ).toEqual([
      { id_cs: 1, last_seen: at(10), retired_at: at(11) },
      { id_cs: 2, last_seen: at(34), retired_at: null },
    ]);
  });

  it('comes back as a new version that nothing has changed in', async () => {
    await poll(0, 60, shownUntil(10, 50));
    await loadAll();
    expect(await versions('charging_point', 'id_cp', `id_cp = '11'`)).toEqual([
      { id_cp: '11', valid_from: at(0), valid_to: at(11), is_current: false, changed: null },
      { id_cp: '11', valid_from: at(50), valid_to: null, is_current: true, changed: '' },
    ]);
  });

  it('was never away where it is back within the grace', async () => {
    await poll(0, 60, shownUntil(10, 30));
    await loadAll();
    expect(await versions('charging_point', 'id_cp', `id_cp = '11'`)).toEqual([
      { id_cp: '11', valid_from: at(0), valid_to: null, is_current: true, changed: null },
    ]);
  });

  it('is not retired by polls that are missing, empty or shrunken, or have records without an id', async () => {
    await poll(0, 10, shownUntil(10));
    await poll(40, 50, () => []);
    await poll(51, 60, () => [station('2', OTHERS.slice(0, 4))]);
    await poll(61, 95, () => [station('2', OTHERS), station(null, [])]);
    await loadAll();
    expect(await column(bench.url, `select distinct complete from ops.poll where slot > '${at(10).toISOString()}'`)).toEqual([false]); // prettier-ignore
    expect(await column(bench.url, 'select count(*)::int from charging_point_history where is_current')).toEqual([6]); // prettier-ignore
  });

  it('stays retired when a day before is loaded later, and is not when that one shows more', async () => {
    await poll(0, 95, shownUntil(10));
    await loadAll(DAYS.slice(1));
    expect(await column(bench.url, 'select id_cp from charging_point order by 1')).not.toContain('11');
    await loadAll(DAYS.slice(0, 1));
    expect(await column(bench.url, `select retired_at from charging_point where id_cp = '11'`)).toEqual([at(11)]); // prettier-ignore
    // On the first day there are ten times as many charging points. Therefore no later poll is complete any more.
    const many = Array.from({ length: 60 }, (_, n) => point(`many${n}`));
    await poll(5, 5, () => [station('3', many)], 'koeln');
    const answers = await listStored(bench.raw, 'accepted', FEED, DAY);
    await bench.raw.remove(answers.find(({ slot }) => slot === at(5).getTime())?.key ?? '');
    await loadAll(DAYS.slice(0, 1));
    expect(await column(bench.url, `select retired_at from charging_point where id_cp = '11'`)).toEqual([null]); // prettier-ignore
  });
});

it('a charging point keeps its uid when its EVSE-ID is renumbered, and when it moves to another station', async () => {
  await poll(0, 9, () => [station('1', [point('11', 'AVAILABLE', { id: 'DE*A*1' })])]);
  await poll(10, 19, () => [station('1', [point('11', 'AVAILABLE', { id: 'DE*A*2' })])]);
  await poll(20, 30, () => [station('2', [point('11', 'AVAILABLE', { id: 'DE*A*2' })])]);
  await loadAll();
  expect(await versions('charging_point', 'evse_id, id_cs')).toEqual([
    { evse_id: 'DE*A*1', id_cs: 1, valid_from: at(0), valid_to: at(10), is_current: false, changed: null },
    { evse_id: 'DE*A*2', id_cs: 1, valid_from: at(10), valid_to: at(20), is_current: false, changed: 'evse_id' }, // prettier-ignore
    { evse_id: 'DE*A*2', id_cs: 2, valid_from: at(20), valid_to: null, is_current: true, changed: 'id_cs' },
  ]);
  expect(
    await query(
      bench.url,
      `select evse_id, id_cs, count(*)::int as facts from status_chargingpoints_as_was group by 1, 2 order by 1, 2`,
    ),
  ).toEqual([
    { evse_id: 'DE*A*1', id_cs: 1, facts: 10 },
    { evse_id: 'DE*A*2', id_cs: 1, facts: 10 },
    { evse_id: 'DE*A*2', id_cs: 2, facts: 11 },
  ]);
  expect(await column(bench.url, `select id_cs from charging_point`)).toEqual([2]);
});

it('an operator that is renamed makes one new version of each of its 200 stations, which can be counted', async () => {
  const stations = (name: string) =>
    Array.from({ length: 200 }, (_, n) =>
      station(String(n + 1), [point(`p${n}`)], { operator: { name, hotline: null } }),
    );
  await poll(0, 3, (index) => stations(index < 2 ? 'RheinEnergie AG' : 'TankE'));
  await loadAll([DAY]);
  expect(
    await query(
      bench.url,
      'select valid_from, changed, count(*)::int as versions from charging_station_history group by 1, 2 order by 1',
    ),
  ).toEqual([
    { valid_from: at(0), changed: null, versions: 200 },
    { valid_from: at(2), changed: 'operator_name', versions: 200 },
  ]);
  expect(await column(bench.url, 'select count(*)::int from charging_point_history')).toEqual([200]);
});

it('a uid that two feeds show in turns, with different content, has a version for each turn', async () => {
  const shown = (floor: string) => () => [station('1', [point('11', 'AVAILABLE', { floor_level: floor })])];
  // Bonn is not polled while Köln shows the charging point. Therefore Bonn's own polls follow each other without a gap.
  for (const index of [0, 2, 4]) await poll(index, index, shown('Bonn'), 'bonn');
  const own = station('2', [point('21')]); // else its answers would be Bonn's
  for (const index of [1, 3]) await poll(index, index, () => [...shown('Köln')(), own], 'koeln');
  await loadAll([DAY]);
  expect(await query(bench.url, `select floor_level, feed, valid_from from charging_point_history where id_cp = '11' order by 3`)).toEqual([
    { floor_level: 'Bonn', feed: 'bonn', valid_from: at(0) },
    { floor_level: 'Köln', feed: 'koeln', valid_from: at(1) },
    { floor_level: 'Bonn', feed: 'bonn', valid_from: at(2) },
    { floor_level: 'Köln', feed: 'koeln', valid_from: at(3) },
    { floor_level: 'Bonn', feed: 'bonn', valid_from: at(4) },
  ]); // prettier-ignore
});

it('a warehouse that was loaded before there were histories gets all of them with the next load', async () => {
  await poll(0, 60, (index) => [station('1', [point('11')], { name: index < 30 ? 'old' : 'new' })]);
  await loadAll();
  const derived = await versions('charging_station', 'name');
  expect(derived).toHaveLength(2);
  await query(bench.url, 'truncate charging_station_history, charging_point_history, connector_history');
  await loadAll(DAYS.slice(3));
  expect(await versions('charging_station', 'name')).toEqual(derived);
});

it('a station’s day is read by its keys, not by scanning the facts of the day', async () => {
  const many = Array.from({ length: 400 }, (_, n) => station(String(n), [point(`p${n}`), point(`q${n}`)]));
  await poll(0, 23, () => many);
  await loadAll([DAY]);
  await query(bench.url, 'analyze');
  for (const view of ['status_chargingpoints_as_was', 'status_connectors_as_was']) {
    const plan = await column(bench.url, `explain select * from ${view} where id_cs = 7 and day = '${DAY}'`);
    expect(plan.join('\n')).not.toContain('Seq Scan');
    expect(await column(bench.url, `select count(*)::int from ${view} where id_cs = 7 and day = '${DAY}'`)).toEqual([48]); // prettier-ignore
  }
});
