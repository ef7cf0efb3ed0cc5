import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportTables } from '../../src/serving/exporting/export.js';
import { geojson, ocpi } from '../../src/serving/exporting/stationFormats.js';
import { FORMATS } from '../../src/serving/exporting/registry.js';
import { chooseTables } from '../../src/serving/exporting/selection.js';
import { openStore } from '../../src/stores/open.js';
import { openSnapshot } from '../../src/warehouse/open.js';
import { openReaderLogin } from '../../src/warehouse/postgres/readers.js';
import { DAY, ZONE } from '../cleaning/support/polls.js';
import { Command } from '../commands/support/command.js';
import { openDuckDb } from '../serving/exporting/support/duckdb.js';
import { keepAll, openWeb, type TestWeb } from '../serving/web/support/web.js';
import { type LoadBench, loadDay, makeBench } from './support/loads.js';
import { query } from './support/query.js';
import { NUMBER, OWN_NUMBER, putStations, REPORT } from './support/stationNumbers.js';

/** Text that the JSON of a response must contain, digit by digit. */
const ID_CS = `"id_cs":${NUMBER},`;

describe('a station whose number has 53 bits', { timeout: 120_000 }, () => {
  let bench: LoadBench;
  let web: TestWeb;
  let folder: string;
  beforeAll(async () => {
    const made = await makeBench();
    bench = made;
    await putStations(bench.raw);
    await loadDay(bench, DAY);
    await keepAll(bench);
    web = await openWeb(bench.url);
    folder = mkdtempSync(join(tmpdir(), 'ladepuls-numbers-'));
    return async () => {
      rmSync(folder, { recursive: true, force: true });
      await web.close();
      await made.remove();
    };
  }, 120_000);

  async function run(...args: string[]): Promise<string> {
    const environment = { DATABASE_URL: bench.url, LADEPULS_READER_URL: await openReaderLogin(bench.url) };
    const command = new Command(args, environment, folder);
    expect([await command.exited(), command.stderr]).toEqual([0, '']);
    return command.stdout;
  }

  it('comes with it into every table', async () => {
    for (const table of [
      'charging_station',
      'charging_station_history',
      'ops.charging_station_content_span',
      'station_day',
    ])
      expect(
        await query(
          bench.url,
          `select distinct id_cs::text as id, pg_typeof(id_cs)::text as type from ${table} order by 1`,
        ),
        table,
      ).toEqual([
        { id: String(NUMBER), type: 'bigint' },
        { id: String(OWN_NUMBER), type: 'bigint' },
      ]);
    for (const table of [
      'charging_point',
      'charging_point_history',
      'ops.charging_point_content_span',
      'change',
    ])
      expect(await query(bench.url, `select distinct pg_typeof(id_cs)::text as type from ${table}`)).toEqual(
        table === 'change' ? [] : [{ type: 'bigint' }],
      );
  });

  it('has it as a number in the API, where it is found by it', async () => {
    for (const path of [
      '/v1/stations',
      `/v1/stations/${NUMBER}`,
      '/v1/stations?near=8.5,48.5',
      '/v1/charging-points',
      `/v1/charging-points?station=${NUMBER}`,
      '/v1/charging-points/ocpi:u*1',
    ]) {
      const response = await web.get(path);
      expect([response.statusCode, response.body], path).toEqual([200, expect.stringContaining(ID_CS)]);
    }
    const utilization = await web.json<{ data: object[] }>(
      `/v1/utilization?station=${NUMBER}&from=${DAY}&to=${DAY}&by=day`,
    );
    expect(utilization.data).toHaveLength(1);
    const events = await web.json<{ data: object[] }>(
      `/v1/charging-events?station=${NUMBER}&from=${DAY}&to=${DAY}`,
    );
    expect(events.data).toMatchObject([{ id_cp: 'ocpi:u*1' }]);
  });

  it('is passed by a cursor, and the next page begins behind it', async () => {
    for (const query of ['limit=1', 'limit=1&near=8.5,48.5&radius=100000']) {
      const first = await web.json<{ data: { id_cs: number }[]; next: string }>(`/v1/stations?${query}`);
      expect(first.data).toMatchObject([{ id_cs: NUMBER }]);
      expect(await web.json(first.next)).toMatchObject({ data: [{ id_cs: OWN_NUMBER }], next: null });
    }
  });

  it('is refused where a number is none that JSON holds', async () => {
    for (const number of ['9007199254740993', '-9007199254740992', '1e40'])
      expect(await web.refusal(`/v1/stations/${number}`)).toMatchObject({ status: 400 });
    expect(await web.refusal('/v1/stations/-9007199254740991')).toMatchObject({ status: 404 });
  });

  it('is said in the API’s description to need 64 bits', async () => {
    const { body } = await web.get('/docs/json');
    expect(body).toContain('"format":"int64"');
    const described = [...body.matchAll(/"id_cs":(\{[^{}]*\})/g)].map(
      ([, schema = '']) => JSON.parse(schema) as object,
    );
    expect(described.length).toBeGreaterThan(2);
    for (const schema of described) expect(schema).toMatchObject({ type: 'integer', format: 'int64' });
  });

  it('has it in GeoJSON and OCPI', async () => {
    const { body } = await web.get('/v1/stations.geojson');
    expect(body).toContain(`"id":${NUMBER},`);
    expect(body).toContain(ID_CS);
    for (const path of ['/ocpi/2.2.1/locations', `/ocpi/2.2.1/locations/${NUMBER}`])
      expect((await web.get(path)).body, path).toContain(`"id":"${NUMBER}"`);
    const options = { timeZone: ZONE, onRows: () => undefined };
    const textOf = async (pieces: AsyncIterable<string>) =>
      ((await Readable.from(pieces).toArray()) as string[]).join('');
    expect(await textOf(geojson.write(web.queries, options))).toContain(`"id":${NUMBER},`);
    expect(await textOf(ocpi.write(web.queries, options))).toContain(`"id":"${NUMBER}"`);
  });

  it('has it as a number in `ladepuls sql --json`, in an array too', async () => {
    const statement = 'select id_cs, array_agg(id_cs) as ids from charging_station group by id_cs order by 1';
    expect(await run('sql', '--json', statement)).toBe(
      `[{"id_cs":${NUMBER},"ids":[${NUMBER}]},{"id_cs":${OWN_NUMBER},"ids":[${OWN_NUMBER}]}]\n`,
    );
    expect(await run('sql', '--csv', 'select min(id_cs) from charging_station')).toBe(`min\n${NUMBER}\n`);
  });

  it('is a key of a report', async () => {
    const { rows } = JSON.parse(await run(...REPORT, '--format', 'json')) as { rows: { key: string }[] };
    expect(rows.map(({ key }) => key).sort()).toEqual([String(NUMBER), String(OWN_NUMBER)]);
  });

  it('is INT64 in Parquet, and the same digits in CSV', async () => {
    const snapshot = await openSnapshot(bench.url);
    const duckDb = await openDuckDb();
    try {
      for (const format of ['parquet', 'csv'] as const)
        await exportTables(snapshot, {
          tables: chooseTables(snapshot, 'charging_station,charging_point'),
          days: [DAY],
          format: FORMATS[format],
          store: openStore(`file:${folder}`),
          signal: new AbortController().signal,
          onProgress: () => undefined,
        });
      const file = `'${join(folder, 'charging_station.parquet')}'`;
      expect(await duckDb.ask(`select type from parquet_schema(${file}) where name = 'id_cs'`)).toEqual([
        { type: 'INT64' },
      ]);
      expect(await duckDb.ask(`select id_cs from ${file} order by 1`)).toEqual([
        { id_cs: BigInt(NUMBER) },
        { id_cs: BigInt(OWN_NUMBER) },
      ]);
      expect(readFileSync(join(folder, 'charging_point.csv'), 'utf8')).toContain(`,${NUMBER},`);
    } finally {
      duckDb.close();
      await snapshot.close();
    }
  });
});
