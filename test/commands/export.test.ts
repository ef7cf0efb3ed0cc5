import { parse } from 'csv-parse/sync';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { point, station } from '../cleaning/support/polls.js';
import { createDatabase } from '../support/database.js';
import { type LoadBench, loadDay, makeBench } from '../warehouse/support/loads.js';
import { query } from '../warehouse/support/query.js';
import { showTimeline } from '../warehouse/support/timeline.js';
import { Command } from './support/command.js';

const DAY = '2022-01-11';

let bench: LoadBench;
let folder: string;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-export-'));
  await showTimeline(bench, DAY, 'a*144', { shown: (status) => [station('1', [point('11', status)])] });
  await loadDay(bench, DAY);
  // Streams row after row, and never ends.
  await query(
    bench.url,
    `create view endless as select generate_series(1, 1000000000) as number, repeat('x', 100) as text`,
  );
  return async () => {
    await remove();
    await rm(folder, { recursive: true, force: true });
  };
});

function start(args: string[], env: Record<string, string> = { DATABASE_URL: bench.url }): Command {
  return new Command(['export', ...args], env, folder);
}

async function run(...args: string[]) {
  const command = start(args);
  return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr };
}

/** Bytes that stand in unfinished files. */
async function unfinishedBytes(target: string): Promise<number> {
  const unfinished = join(folder, target, '.tmp');
  const names = existsSync(unfinished) ? await readdir(unfinished) : [];
  const sizes = await Promise.all(names.map((name) => sizeOf(join(unfinished, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** 0 for a file that was finished a moment ago, and has its own name now. */
function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

describe('ladepuls export', () => {
  it('writes the promised tables and their dictionary into a folder, and says what it wrote', async () => {
    const { code, stdout } = await run('parquet', '--to-file', 'out', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'parquet',
      from: DAY,
      to: DAY,
      target: `file:${join(folder, 'out')}`,
      tables: [
        { table: 'status_chargingpoints', rows: 144, files: 1 },
        { table: 'status_connectors', files: 1 },
        { table: 'charging_station', rows: 1, files: 1 },
        { table: 'charging_point', rows: 1 },
        { table: 'connector' },
        { table: 'time', rows: 144 },
      ],
    });
    expect((await readdir(join(folder, 'out'))).sort()).toEqual([
      '.tmp',
      'charging_point.parquet',
      'charging_station.parquet',
      'connector.parquet',
      'dictionary.json',
      'dictionary.md',
      'status_chargingpoints',
      'status_connectors',
      'time.parquet',
    ]);
    const again = await run('csv', '--table', 'time', '--to-store', `file:${join(folder, 'out')}`);
    expect(again.stdout).toContain('dictionary.md there explains tables and columns');
    expect(existsSync(join(folder, 'out', 'time.csv'))).toBe(true);
  });

  it('prints one table as CSV where nothing else is said', async () => {
    const { code, stdout, stderr } = await run('csv', '--table', 'status_chargingpoints');
    expect([code, stderr]).toEqual([0, '']);
    const rows = parse<Record<string, string>>(stdout, { columns: true });
    expect(rows).toHaveLength(144);
    expect(rows.find(({ slot }) => slot === '2022-01-10 23:00:00+00')).toEqual({
      id_status_cp: '11@20220110T2300Z',
      id_chargingpoint: '11',
      query_time: '2022-01-10 23:00:02+00',
      status_cp: 'AVAILABLE',
      status_parkingsensor: '',
      slot: '2022-01-10 23:00:00+00',
      day: DAY,
    });
  });

  it('writes the stations of now as OCPI and GeoJSON, into a folder or to standard output', async () => {
    const geojson = await run('geojson');
    expect([geojson.code, geojson.stderr]).toEqual([0, '']);
    expect(JSON.parse(geojson.stdout)).toMatchObject({
      type: 'FeatureCollection',
      features: [{ type: 'Feature', id: 1, geometry: null, properties: { charging_points: 1 } }],
    });
    // OCPI can't say that a place is not known.
    expect((await run('ocpi')).stdout).toBe('[]\n');
    await query(bench.url, `update charging_station set longitude = 7, latitude = 51, country = 'DE'`);
    const written = await run('ocpi', '--to-file', 'places', '--json');
    expect(JSON.parse(written.stdout)).toEqual({
      target: `file:${join(folder, 'places')}`,
      file: 'locations.json',
      stations: 1,
    });
    expect(JSON.parse(await readFile(join(folder, 'places/locations.json'), 'utf8'))).toMatchObject([
      { id: '1', country: 'DEU', coordinates: { latitude: '51.0000000', longitude: '7.0000000' } },
    ]);
  });

  it.each([
    [['geojson', '--table', 'time'], '--table, --from and --to are only for parquet and csv'],
    [['ocpi', '--json'], '--json needs --to-file FOLDER'],
    [['parquet'], 'Give the target of the files: --to-file FOLDER'],
    [['csv', '--table', 'time,connector'], 'Give the target of the files: --to-file FOLDER'],
    [['csv', '--table', 'time', '--json'], 'Give the target of the files: --to-file FOLDER'],
    [['csv', '--to-file', 'a', '--to-store', 'file:b'], 'Give only one of them'],
    [['csv', '--to-file', 'a.csv'], 'must be a folder'],
    [['csv', '--to-store', 'ftp://a'], '--to-store: "ftp://a" is not the address of a store'],
    [['csv', '--to-file', '../../../../../../dev/null/a'], "can't be written to"],
    [
      ['csv', '--to-file', 'a', '--table', 'stations'],
      '--table: there is no table "stations"; choose from calendar_hour',
    ],
    [['csv', '--to-file', 'a', '--from', 'today'], '--from, --to: "today" is not a day'],
    [
      ['csv', '--to-file', 'a', '--from', '2022-01-12'],
      'none of these days is loaded; loaded days: 1, from 2022-01-11',
    ],
    [['xlsx', '--to-file', 'a'], 'Allowed choices are parquet, csv, ocpi, geojson.'],
  ])('refuses %j in one line, and writes nothing', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr.replace('(--help shows what is allowed)\n', '').trim().split('\n')).toHaveLength(1);
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });

  it('says so where nothing is loaded, and where there is no warehouse', async () => {
    for (const content of ['warehouse', 'nothing'] as const) {
      const database = await createDatabase(content);
      const command = start(['parquet', '--to-file', 'a'], { DATABASE_URL: database.url });
      expect(await command.exited()).toBe(1);
      expect(command.stderr).toBe(
        'ladepuls: No day is loaded yet. Load a day with "ladepuls load --from DAY".\n',
      );
      await database.drop();
    }
  });

  it('leaves it to Redshift to write its own files', async () => {
    const command = start(['parquet', '--to-file', 'a'], {
      DATABASE_URL: 'redshift://a:b@127.0.0.1:1/c',
      FLAT_STORE: 's3://bucket/flat',
      LADEPULS_REDSHIFT_IAM_ROLE: 'arn:aws:iam::123456789012:role/ladepuls',
    });
    expect(await command.exited()).toBe(1);
    expect(command.stderr).toMatch(
      /^ladepuls: Exports need a warehouse on Postgres\. Redshift writes Parquet and CSV to S3 itself.* UNLOAD.*\n$/,
    );
  });

  it.each([
    ['parquet', 'SIGKILL'],
    ['csv', 'SIGKILL'],
    ['parquet', 'SIGINT'],
    ['csv', 'SIGINT'],
  ] as const)(
    'as %s, ended by %s in the middle of a file, leaves none under its name',
    async (format, signal) => {
      const target = `${format}-${signal}`;
      const command = start([format, '--table', 'time,endless', '--to-file', target]);
      await vi.waitUntil(async () => (await unfinishedBytes(target)) > 1_000_000, { timeout: 60_000 });
      command.kill(signal);
      expect(await command.exited()).not.toBe(0);
      expect((await readdir(join(folder, target))).sort()).toEqual(['.tmp', `time.${format}`]);
      if (signal === 'SIGINT') expect(await unfinishedBytes(target)).toBe(0);
    },
  );
});
