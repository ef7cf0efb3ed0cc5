import { beforeEach, describe, expect, it } from 'vitest';
import { slotsOfDay } from '../../src/domain/day.js';
import { recordImport } from '../../src/stores/collectionLog.js';
import { stagingSchema } from '../../src/warehouse/load/staging.js';
import { LoadOutdated } from '../../src/warehouse/warehouse.js';
import { runActivity } from '../activities/support/runActivity.js';
import { envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { openEarlierForm } from './support/earlierForm.js';
import { type LoadBench, loadDay, newLoad, openCopies } from './support/loads.js';
import { column, query } from './support/query.js';
import { digestOfContent, loseAnswers, rebuild } from './support/rebuild.js';

/** Three days, of which the second has 25 hours. */
const DAYS = ['2022-10-29', '2022-10-30', '2022-10-31'];
const [FIRST = '', LONG = '', LAST = ''] = DAYS;
const STATUSES = ['AVAILABLE', 'AVAILABLE', 'CHARGING', 'UNKNOWN', 'AVAILABLE'];

/**
 * Store the polls of two feeds. The feeds show the charging point 11 alternately. The charging point 12 is missing in
 * some polls.
 */
async function showDay({ raw }: LoadBench, day: string): Promise<void> {
  for (const feed of ['koeln', 'bonn'])
    await recordImport(raw, { feed, source: 'chargecloud', day, intervalMinutes: 60 });
  for (const [index, slot] of slotsOfDay(day, ZONE, 60).entries()) {
    if (index % 11 === 5) continue;
    const status = STATUSES[index % STATUSES.length];
    const turn = index % 6 < 3 ? 'koeln' : 'bonn';
    for (const feed of ['koeln', 'bonn']) {
      if (feed === 'bonn' && index % 4 === 3) continue;
      const number = feed === 'koeln' ? '1' : '2';
      const points = [
        ...(feed === turn ? [point('11', status)] : []),
        ...(index % 13 === 0
          ? []
          : [point(`${number}2`, status, { parking_sensor: { status: 'OCCUPIED' } })]),
        point(`${number}3`),
      ];
      await putPoll(raw, {
        slot,
        feed,
        body: envelope(slot, [
          station(number, points, { name: `Name ${day}` }),
          ...unreadable(index, number),
        ]),
      });
    }
  }
}

/**
 * Return a station with a record that is quarantined and an attribute that leaves a field issue, in some slots. Only
 * records without an id are quarantined, because a warehouse of rows does not tell them from others.
 */
function unreadable(index: number, number: string): unknown[] {
  return index % 19 === 7
    ? [station(`9${number}`, [{ uid: null, status: 'AVAILABLE' }], { longitude: 'east' })]
    : [];
}

let bench: LoadBench;
let loaded: Record<string, string>;
const openLoaded = openCopies(async (made) => {
  for (const day of DAYS) await showDay(made, day);
  for (const day of DAYS) await loadDay(made, day);
  loaded = await digestOfContent(made.url);
});
beforeEach(async () => {
  bench = await openLoaded();
});

describe('a rebuild keeps row for row', () => {
  it('a day whose answers are gone', async () => {
    expect(await loseAnswers(bench, 'koeln', LONG)).toBeGreaterThan(10);
    expect(await loseAnswers(bench, 'bonn', LONG)).toBeGreaterThan(10);
    expect(await rebuild(bench)).toEqual({ [LONG]: 'bonn, koeln' });
    expect(await digestOfContent(bench.url)).toEqual(loaded);
    expect(await rebuild(bench), 'also the next time').toEqual({ [LONG]: 'bonn, koeln' });
    expect(await digestOfContent(bench.url)).toEqual(loaded);
  });

  it('days of which a part of a feed’s answers is gone, or a single one', async () => {
    await loseAnswers(bench, 'bonn', FIRST, (index) => index % 3 === 0);
    await loseAnswers(bench, 'koeln', LAST, (index) => index === 7);
    expect(await rebuild(bench)).toEqual({ [FIRST]: 'bonn', [LAST]: 'koeln' });
    expect(await digestOfContent(bench.url)).toEqual(loaded);
  });

  it('a day of which as many other answers came as are gone', async () => {
    await loseAnswers(bench, 'bonn', FIRST, (index) => index === 0);
    const slot = slotsOfDay(FIRST, ZONE, 60)[3] ?? NaN;
    await putPoll(bench.raw, { slot, feed: 'bonn', body: envelope(slot, []) });
    expect(await rebuild(bench)).toEqual({ [FIRST]: 'bonn' });
    expect(await digestOfContent(bench.url)).toEqual(loaded);
  });

  it('all days, where the raw store is empty', async () => {
    for (const day of DAYS) for (const feed of ['koeln', 'bonn']) await loseAnswers(bench, feed, day);
    expect(Object.keys(await rebuild(bench))).toEqual(DAYS);
    expect(await digestOfContent(bench.url)).toEqual(loaded);
  });

  it('an archived day whose answers are gone; its facts can’t be restored, which is said and changes nothing', async () => {
    await bench.warehouse.archiveDay(LONG, bench.flat);
    const archived = await digestOfContent(bench.url);
    await loseAnswers(bench, 'koeln', LONG);
    const restoring = rebuild(bench, { restore: true });
    await expect(restoring).rejects.toThrow(
      `${LONG} can't be rebuilt with --restore: its facts are in the archive`,
    );
    expect(await digestOfContent(bench.url)).toEqual(archived);
    expect(await rebuild(bench)).toEqual({ [LONG]: 'koeln' });
    expect(await digestOfContent(bench.url)).toEqual(archived);
    expect(
      await column(bench.url, 'select day::text from ops.archived_day where restored_at is null'),
    ).toEqual([LONG]);
  });
});

it('loads answers that came since from raw, where none is gone', async () => {
  const slot = slotsOfDay(FIRST, ZONE, 60)[5] ?? NaN;
  await putPoll(bench.raw, { slot, feed: 'koeln', body: envelope(slot, [station('1', [point('13')])]) });
  expect(await rebuild(bench)).toEqual({});
  expect(
    await column(bench.url, `select count(*)::int from ops.poll where slot = to_timestamp(${slot / 1000})`),
  ).toEqual([1]);
});

it('a day that was brought over is not loaded again of what is left in raw', async () => {
  await loseAnswers(bench, 'bonn', FIRST, (index) => index % 2 === 0);
  await loseAnswers(bench, 'koeln', LONG);
  await rebuild(bench);
  expect(await runActivity(bench.activities.planReloads)).toEqual([]);
});

it.each([
  [
    'status_chargingpoints',
    `delete from ops.charging_point_content_span where id_cp = '12' and day = '${LONG}'`,
  ],
  [
    'status_chargingpoints',
    `update ops.ledger set charging_points_read = charging_points_read + 1,
     charging_point_facts = charging_point_facts + 1 where feed = 'bonn' and day = '${LONG}'`,
  ],
  [
    'status_connectors',
    `delete from ops.connector_content_span where id_connector = '120' and day = '${LONG}'`,
  ],
])(
  'a day whose %s are not what its ledger counts is named, and nothing is exchanged',
  async (view, damage) => {
    await query(bench.url, damage);
    const damaged = await digestOfContent(bench.url);
    await loseAnswers(bench, 'bonn', LONG);
    const rebuilding = rebuild(bench);
    await expect(rebuilding).rejects.toThrow(
      new RegExp(`${LONG} can't be rebuilt: the raw store lacks answers.*${view}`),
    );
    expect(await digestOfContent(bench.url)).toEqual(damaged);
  },
);

describe('a warehouse that stores facts as rows', () => {
  let earlier: LoadBench;
  beforeEach(async () => {
    earlier = await openEarlierForm(bench);
  });

  it('has what it had, is migrated no further, and awaits its rebuild', async () => {
    const before = await digestOfContent(earlier.url);
    await earlier.warehouse.migrate();
    expect(await earlier.warehouse.awaitsRebuild()).toBe(true);
    expect(await column(earlier.url, 'select max(version)::int from schema_version')).toEqual([14]);
    expect(before['public.status_chargingpoints']).toEqual(loaded['public.status_chargingpoints']);
    expect(await digestOfContent(earlier.url)).toEqual(before);
  });

  it('is rebuilt from raw, with days whose answers are gone, and then gets every migration', async () => {
    await loseAnswers(bench, 'koeln', LONG);
    await loseAnswers(bench, 'bonn', LAST, (index) => index % 2 === 0);
    await earlier.warehouse.migrate();
    expect(Object.keys(await rebuild(earlier))).toEqual([LONG, LAST]);
    expect(await digestOfContent(earlier.url)).toEqual(loaded);
    expect(await earlier.warehouse.awaitsRebuild()).toBe(false);
    await earlier.warehouse.migrate();
    await loadDay(earlier, FIRST);
    expect(await digestOfContent(earlier.url)).toEqual(loaded);
  });

  it('publishes no load that an earlier version began: it is done anew', async () => {
    const load = newLoad(FIRST);
    const schema = stagingSchema(load);
    await query(earlier.url, `create schema ${schema}`, `create table ${schema}.uncrashed as select true`);
    const published = earlier.warehouse.publish(load, {
      timeZone: ZONE,
      reason: 'test',
      bridgedSlots: 2,
      refusesSevere: false,
      verify: () => Promise.resolve(new Map()),
    });
    await expect(published).rejects.toThrow(LoadOutdated);
  });

  it('is rebuilt by this version from the beginning, where an earlier version began to', async () => {
    await earlier.warehouse.beginRebuild('earlier');
    await query(earlier.url, 'delete from rebuilt.schema_version where version > 14');
    const opened = runActivity(earlier.activities.openLoad, { ...newLoad(FIRST), isRebuild: true });
    await expect(opened).rejects.toMatchObject({ type: 'LoadRefused', message: /earlier version.*began/ });
  });
});
