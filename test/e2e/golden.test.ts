import { beforeAll, describe, expect, it } from 'vitest';
import { importFiles } from '../../src/importing/importFiles.js';
import { sourceByName } from '../../src/sources/registry.js';
import type { LoadDayResult } from '../../src/workflows/loadOnce.js';
import { type Fingerprint, fingerprints } from './support/fingerprints.js';
import {
  ABSENT_HINT,
  RECORDED_DAY,
  RECORDED_POLLS,
  RECORDED_POLLS_ARE_ABSENT,
} from './support/recordedPolls.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';

const FIRST_SLOT = '2022-01-11T20:50:00Z';
const SECOND_SLOT = '2022-01-11T21:00:00Z';

const TITLE = `two recorded polls of all feeds, loaded${ABSENT_HINT}`;

describe.skipIf(RECORDED_POLLS_ARE_ABSENT)(TITLE, { timeout: 120_000 }, () => {
  let system: TestSystem;
  let result: LoadDayResult;

  beforeAll(async () => {
    system = await TestSystem.open();
    await system.startLoading();
    await importFiles(RECORDED_POLLS, {
      store: system.raw,
      source: sourceByName('chargecloud'),
      timeZone: TIME_ZONE,
      intervalMinutes: INTERVAL_MINUTES,
    });
    result = await system.load(RECORDED_DAY);
    return () => system.close();
  }, 120_000);

  it('are all their facts, and nothing is quarantined', () => {
    expect(result).toEqual({
      day: RECORDED_DAY,
      revision: 1,
      feeds: 38,
      polls: 76,
      chargingPointFacts: 4856,
      connectorFacts: 5622,
      quarantined: 0,
      unreadable: 0,
    });
  });

  it('make the golden numbers of rows', async () => {
    const counts = await system.query(
      `select (select count(*)::int from status_chargingpoints) as charging_point_facts,
         (select count(distinct id_status_cp)::int from status_chargingpoints) as charging_point_keys,
         (select count(*)::int from status_connectors) as connector_facts,
         (select count(distinct id_status_connectors)::int from status_connectors) as connector_keys,
         (select count(*)::int from time) as times,
         (select count(*)::int from charging_station) as stations,
         (select count(*)::int from charging_point) as charging_points,
         (select count(*)::int from connector) as connectors`,
    );
    expect(counts).toEqual([
      {
        charging_point_facts: 4856,
        charging_point_keys: 4856,
        connector_facts: 5622,
        connector_keys: 5622,
        times: 25,
        stations: 1162,
        charging_points: 2428,
        connectors: 2811,
      },
    ]);
  });

  it.each([
    ['status_chargingpoints', 'status_cp', [1896, 424, 63, 13, 13, 12, 7]],
    ['status_connectors', 'status_connector', [2172, 515, 70, 15, 19, 13, 7]],
  ])('%s has the statuses of 21:58', async (fact, status, counts) => {
    const names = ['AVAILABLE', 'CHARGING', 'UNKNOWN', 'RESERVED', 'BLOCKED', 'OUTOFORDER', 'INOPERATIVE'];
    const rows = await system.query<{ status: string; count: number }>(
      `select ${status} as status, count(*)::int as count from ${fact} where slot = $1 group by 1`,
      [FIRST_SLOT],
    );
    const found = Object.fromEntries(rows.map(({ status: name, count }) => [name, count]));
    expect(found).toEqual(Object.fromEntries(names.map((name, index) => [name, counts[index]])));
  });

  it('differ by the statuses that changed in between', async () => {
    const changes = (fact: string, id: string, status: string) =>
      system.query(
        `select a.${status} || ' to ' || b.${status} as change, count(*)::int as count
         from ${fact} a join ${fact} b using (${id})
         where a.slot = $1 and b.slot = $2 and a.${status} <> b.${status} group by 1 order by 2 desc, 1`,
        [FIRST_SLOT, SECOND_SLOT],
      );
    expect(await changes('status_chargingpoints', 'id_chargingpoint', 'status_cp')).toEqual([
      { change: 'CHARGING to AVAILABLE', count: 13 },
      { change: 'AVAILABLE to CHARGING', count: 2 },
      { change: 'AVAILABLE to RESERVED', count: 2 },
    ]);
    const connectors = await changes('status_connectors', 'id_connector', 'status_connector');
    expect(connectors.reduce((sum, { count }) => sum + Number(count), 0)).toBe(20);
  });

  it('have one version of every entity, although two connectors of station 326 change places', async () => {
    const versions = await system.query(
      `select 'stations' as of, count(*)::int as versions, count(distinct id_cs)::int as entities from charging_station_history
       union all select 'charging points', count(*)::int, count(distinct id_cp)::int from charging_point_history
       union all select 'connectors', count(*)::int, count(distinct id_connector)::int from connector_history`,
    );
    expect(versions).toEqual([
      { of: 'stations', versions: 1162, entities: 1162 },
      { of: 'charging points', versions: 2428, entities: 2428 },
      { of: 'connectors', versions: 2811, entities: 2811 },
    ]);
    const asWas = await system.query('select count(*)::int as facts from status_chargingpoints_as_was');
    expect(asWas).toEqual([{ facts: 4856 }]);
  });

  it('hold no change of master data: every entity has one run of two polls', async () => {
    for (const entity of ['charging_station', 'charging_point', 'connector']) {
      const runs = await system.query(
        `select polls, first_slot, last_slot from ops.${entity}_content_span group by 1, 2, 3`,
      );
      expect(runs).toEqual([
        { polls: 2, first_slot: new Date(FIRST_SLOT), last_slot: new Date(SECOND_SLOT) },
      ]);
    }
  });

  it('make no orphans: every fact has its dimension rows, up to the station, and its time', async () => {
    const orphans = await system.query(
      `select f.id_status_cp as fact from status_chargingpoints f
       left join charging_point p on p.id_cp = f.id_chargingpoint
       left join charging_station s using (id_cs)
       left join time t using (query_time)
       where s.id_cs is null or t.query_time is null
       union all
       select f.id_status_connectors from status_connectors f
       left join connector c using (id_connector)
       left join charging_point p using (id_cp)
       left join charging_station s using (id_cs)
       left join time t using (query_time)
       where s.id_cs is null or t.query_time is null`,
    );
    expect(orphans).toEqual([]);
  });

  it('have times that no fact lacks and none is there without one, in parts of local time', async () => {
    const used = await system.query(
      `select query_time from status_chargingpoints union select query_time from status_connectors order by 1`,
    );
    expect(await system.query('select query_time from time order by 1')).toEqual(used);
    const parts = await system.query(
      `select hour, day, week, month, year, weekday, count(*)::int as times from time
       group by 1, 2, 3, 4, 5, 6 order by 1`,
    );
    const day = { day: 11, week: 2, month: 1, year: 2022, weekday: 2 };
    expect(parts).toEqual([
      { hour: 21, ...day, times: 12 },
      { hour: 22, ...day, times: 13 },
    ]);
  });

  it('are accounted for in the ledger', async () => {
    const sums = await system.query(
      `select count(*)::int as feeds, sum(bodies)::int as bodies, sum(parsed)::int as parsed,
         sum(charging_points_read)::int as charging_points_read, sum(charging_point_facts)::int as charging_point_facts,
         sum(connectors_read)::int as connectors_read, sum(connector_facts)::int as connector_facts,
         sum(unreadable + surplus + charging_points_quarantined + charging_point_duplicates + connectors_quarantined
           + connector_duplicates + stations_quarantined)::int as lost
       from ops.ledger`,
    );
    expect(sums).toEqual([
      {
        feeds: 38,
        bodies: 76,
        parsed: 76,
        charging_points_read: 4856,
        charging_point_facts: 4856,
        connectors_read: 5622,
        connector_facts: 5622,
        lost: 0,
      },
    ]);
  });

  it('are the same, row for row, after they are loaded twice more, side by side', async () => {
    const before = await fingerprints(system);
    expectWhole(before);
    const atOnce = await Promise.all([system.load(RECORDED_DAY), system.load(RECORDED_DAY)]);
    expect(atOnce.sort((a, b) => a.revision - b.revision)).toEqual([
      { ...result, revision: 2 },
      { ...result, revision: 3 },
    ]);
    expect(await fingerprints(system)).toEqual(before);
  });
});

/** That what is compared is all there: an empty table equals itself too. */
function expectWhole(found: Record<string, Fingerprint>): void {
  const rows = Object.fromEntries(Object.entries(found).map(([table, { rows }]) => [table, rows]));
  expect(rows).toMatchObject({
    'public.status_chargingpoints': 4856,
    'public.status_connectors': 5622,
    'public.connector': 2811,
    'ops.ledger': 38,
    'ops.poll': 76,
    'ops.connector_content_span': 2811,
  });
}
