import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/sources/answerLimits.js';
import { readAnswer } from '../../../src/sources/readAnswer.js';
import { sourceByName } from '../../../src/sources/registry.js';
import { ABSENT_HINT, RECORDED_DAY, RECORDED_POLLS_ARE_ABSENT } from '../../e2e/support/recordedPolls.js';
import type { LoadBench } from '../../warehouse/support/loads.js';
import { query } from '../../warehouse/support/query.js';
import { makeRecordedBench } from '../../warehouse/support/recorded.js';
import { keepAll, openWeb, type TestWeb } from './support/web.js';

interface Page<Row> {
  data: Row[];
  next: string | null;
}
interface StationRow {
  id_cs: number;
  longitude: number;
  latitude: number;
  distance: number;
  charging_points: number;
  available: number;
  unknown: number;
}

const DAY = `from=${RECORDED_DAY}&to=${RECORDED_DAY}`;

describe.skipIf(RECORDED_POLLS_ARE_ABSENT)(`the API on the recorded polls${ABSENT_HINT}`, () => {
  let web: TestWeb;
  let bench: LoadBench;
  beforeAll(async () => {
    const { remove, ...made } = await makeRecordedBench();
    bench = made;
    await keepAll(bench);
    web = await openWeb(bench.url);
    return async () => {
      await web.close();
      await remove();
    };
  }, 120_000);

  /** Read every row of a list, page by page. */
  async function all<Row>(path: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let next: string | null = path; next !== null;) {
      const page: Page<Row> = await web.json(next);
      if (page.next !== null) expect(page.data.length).toBeGreaterThan(0);
      rows.push(...page.data);
      ({ next } = page);
    }
    return rows;
  }

  it('lists every station once, page by page, with all its charging points', async () => {
    const stations = await all<StationRow>('/v1/stations?limit=100');
    expect(stations).toHaveLength(1162);
    expect(new Set(stations.map(({ id_cs }) => id_cs)).size).toBe(1162);
    const sum = (count: (row: StationRow) => number) =>
      stations.reduce((total, row) => total + count(row), 0);
    expect(sum((row) => row.charging_points)).toBe(2428);
    expect(
      sum((row) => row.unknown),
      'what was seen years ago does not hold now',
    ).toBe(2428);
    expect(await all('/v1/charging-points?limit=1000')).toHaveLength(2428);
  });

  it('finds the stations in a box, and the nearest ones first, as a plain computation does', async () => {
    const stations = await all<StationRow>('/v1/stations?limit=1000');
    const [west, south, east, north] = [6.9, 50.9, 7, 51];
    const inBox = stations.filter(
      ({ longitude, latitude }) =>
        longitude >= west && longitude <= east && latitude >= south && latitude <= north,
    );
    expect(inBox.length).toBeGreaterThan(50);
    const found = await all<StationRow>(`/v1/stations?bbox=${west},${south},${east},${north}&limit=7`);
    expect(found).toEqual(inBox);
    const near = await all<StationRow>('/v1/stations?near=6.95,50.93&radius=3000&limit=7');
    const distance = ({ longitude, latitude }: StationRow) =>
      Math.hypot((longitude - 6.95) * Math.cos((50.93 * Math.PI) / 180), latitude - 50.93) * 111_195;
    const expected = stations
      .filter((row) => distance(row) <= 3000)
      .sort((a, b) => distance(a) - distance(b));
    expect(near.map(({ id_cs }) => id_cs)).toEqual(expected.map(({ id_cs }) => id_cs));
    for (const row of near) expect(Math.abs(row.distance - distance(row))).toBeLessThan(3);
  });

  it('tells of a charging point what its feed said last, and since when', async () => {
    const [changed] = await query(
      bench.url,
      `select id_cp, status from current_status where since = slot order by id_cp limit 1`,
    );
    const { id_cp, status } = changed as { id_cp: string; status: string };
    expect(await web.json(`/v1/charging-points/${id_cp}`)).toMatchObject({
      now: {
        status,
        since: '2022-01-11T21:00:00Z',
        since_at_least: false,
        observed_at: '2022-01-11T21:00:00Z',
        is_fresh: false,
      },
    });
    const { data } = await web.json<Page<object>>(`/v1/charging-points/${id_cp}/history`);
    expect(data).toMatchObject([
      { start_at: '2022-01-11T20:50:00Z', status_before: null, status_after: status, start_cut: 'edge' },
      { start_at: '2022-01-11T21:00:00Z', status, status_after: null, end_cut: 'edge' },
    ]);
  });

  it('has the same charging events and minutes as the warehouse', async () => {
    const events = await all<object>(`/v1/charging-events?limit=50&${DAY}`);
    expect(events).toHaveLength(426);
    const [expected] = await query(
      bench.url,
      `select sum(available_minutes)::int as available_minutes, sum(occupied_minutes)::int as occupied_minutes,
         sum(unobserved_minutes)::int as unobserved_minutes, sum(charging_starts)::int as charging_starts
       from utilization_hour_as_was where city = 'Bonn'`,
    );
    for (const by of ['hour', 'day', 'week', 'month', 'hour_of_day', 'weekday']) {
      const { data } = await web.json<Page<Record<string, number>>>(
        `/v1/utilization?city=bonn&by=${by}&${DAY}`,
      );
      const sums = Object.keys(expected ?? {}).map((name) => [
        name,
        data.reduce((sum, row) => sum + (row[name] ?? NaN), 0),
      ]);
      expect(Object.fromEntries(sums), by).toEqual(expected);
    }
    const [station] = await all<StationRow>('/v1/stations?city=bonn&limit=1000');
    const own = await web.json<Page<object>>(`/v1/utilization?station=${station?.id_cs}&${DAY}`);
    const events2 = await all<object>(`/v1/charging-events?station=${station?.id_cs}&${DAY}`);
    expect(own.data).toMatchObject([{ bucket: RECORDED_DAY, charging_starts: events2.length }]);
  });

  it('tells how each feed is, and how much of it was seen', async () => {
    const { data } = await web.json<Page<{ feed: string }>>('/v1/feeds');
    const coverage = await all<{ feed: string }>('/v1/coverage?limit=10');
    expect(data).toHaveLength(38);
    expect(coverage.map(({ feed }) => feed)).toEqual(data.map(({ feed }) => feed));
    expect(data[0]).toMatchObject({
      outcome: 'stored',
      stored_slot: '2022-01-11T21:00:00Z',
      is_fresh: false,
    });
    expect(coverage[0]).toMatchObject({ day: RECORDED_DAY, expected: 144, stored: 2, missed: 142 });
  });

  it('sends OCPI locations that our own reader of OCPI reads as they are in the warehouse', async () => {
    const source = sourceByName('ocpi');
    const rows = await query(bench.url, 'select * from charging_station where retired_at is null');
    const known = new Map(rows.map((row) => [String(row.id_cs), row]));
    const sent: (string | null)[] = [];
    let [locations, path] = [0, '/ocpi/2.2.1/locations?limit=200' as string | null];
    while (path !== null) {
      const response = await web.get(path);
      expect(response.statusCode).toBe(200);
      expect(Number(response.headers['x-limit'])).toBe(200);
      const answer = readAnswer(source, Buffer.from(response.body), DEFAULT_LIMITS);
      for (const [index, raw] of answer.stations.entries()) {
        const { content, points: read, quarantined, fieldIssues } = source.readStation(raw, `$[${index}]`);
        const station = known.get(content?.source_id ?? '');
        expect([quarantined, fieldIssues]).toEqual([[], []]);
        for (const column of [
          'city',
          'postal_code',
          'country',
          'longitude',
          'latitude',
          'open_24_7',
        ] as const)
          expect([column, content?.[column]]).toEqual([column, station?.[column]]);
        expect(station?.address).toMatch(content?.address ?? '');
        for (const { status, content: point } of read) {
          expect(status).toBe('UNKNOWN');
          sent.push(point.evse_id);
        }
        locations++;
      }
      expect(Number(response.headers['x-total-count'])).toBe(1162);
      path =
        /<http:\/\/localhost(?<next>[^>]*)>; rel="next"/.exec(String(response.headers.link))?.groups?.next ??
        null;
    }
    expect(locations).toBe(1162);
    const expressible = await query(
      bench.url,
      `select evse_id from charging_point point where exists (
         select from connector where connector.id_cp = point.id_cp and num_nulls(standard, format, power_type) = 0
           and least(voltage, ampere) > 0)`,
    );
    expect(sent.sort()).toEqual(expressible.map((row) => row.evse_id).sort());
    expect(sent.length).toBeGreaterThan(2400);
    const changed = await web.get('/ocpi/2.2.1/locations?date_from=2022-01-11T21:00:00Z&limit=1');
    const [count] = await query(
      bench.url,
      `select count(distinct id_cs)::int as stations from current_status join charging_point using (id_cp)
       where since = '2022-01-11T21:00:00Z'`,
    );
    expect(Number(changed.headers['x-total-count'])).toBe(count?.stations);
    const before = await web.get('/ocpi/2.2.1/locations?date_to=2022-01-11T21:00:00Z&limit=1');
    expect(Number(before.headers['x-total-count'])).toBe(1162 - Number(count?.stations));
  });

  it('one location, one EVSE and one connector are what the list has', async () => {
    interface Location {
      id: string;
      evses: { uid: string; connectors: { id: string }[] }[];
    }
    const { data } = await web.json<{ data: Location[] }>('/ocpi/2.2.1/locations?limit=3&offset=5');
    for (const location of data) {
      const [evse] = location.evses;
      const [connector] = evse?.connectors ?? [];
      const path = `/ocpi/2.2.1/locations/${location.id}`;
      expect(await web.json(path)).toMatchObject({ data: location, status_code: 1000 });
      expect(await web.json(`${path}/${evse?.uid}`)).toMatchObject({ data: evse });
      expect(await web.json(`${path}/${evse?.uid}/${connector?.id}`)).toMatchObject({ data: connector });
    }
  });
});
