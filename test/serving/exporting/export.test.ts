import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExportedTable, exportTables } from '../../../src/serving/exporting/export.js';
import type { TableFormatName } from '../../../src/serving/exporting/names.js';
import type { Format } from '../../../src/serving/exporting/format.js';
import { FORMATS, SPREADSHEET_FORMATS } from '../../../src/serving/exporting/registry.js';
import { chooseDays, chooseTables } from '../../../src/serving/exporting/selection.js';
import { openStore } from '../../../src/stores/open.js';
import { openSnapshot } from '../../../src/warehouse/open.js';
import { createDatabase } from '../../support/database.js';
import { query } from '../../warehouse/support/query.js';
import { type DuckDb, openDuckDb } from './support/duckdb.js';

/** Three days: the first and the last are loaded; all three have rows of hours. */
const DAYS = ['2022-03-01', '2022-03-02', '2022-03-03'];

let url: string;
let duckDb: DuckDb;
let folder: string;

beforeAll(async () => {
  duckDb = await openDuckDb();
  return () => duckDb.close();
});

beforeEach(async () => {
  const database = await createDatabase();
  url = database.url;
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-export-'));
  await query(
    url,
    `insert into ops.day_revision (day, revision, published_at, reason, load)
     select day::date, 1, now(), 'test', 'test' from unnest(array['2022-03-01', '2022-03-03']) as day`,
    `insert into calendar_hour
     select hour, hour::date, extract(hour from hour), 1, 9, 3, 2022
     from generate_series('2022-03-01 00:00Z'::timestamptz, '2022-03-03 23:00Z', '1 hour') as hour`,
  );
  return async () => {
    await rm(folder, { recursive: true, force: true });
    await database.drop();
  };
});

async function exportNow(
  names: string,
  format: TableFormatName = 'parquet',
  formats: Partial<Record<TableFormatName, Format>> = FORMATS,
): Promise<ExportedTable[]> {
  const snapshot = await openSnapshot(url);
  try {
    return await exportTables(snapshot, {
      tables: chooseTables(snapshot, names),
      days: chooseDays(snapshot, {}),
      format: formats[format] ?? expect.fail(format),
      store: openStore(`file:${folder}`),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
  } finally {
    await snapshot.close();
  }
}

async function files(table: string): Promise<string[]> {
  if (!existsSync(join(folder, table))) return [];
  return (await readdir(join(folder, table))).sort();
}

describe('an export', () => {
  it('as CSV is exact; for spreadsheets no text is a formula, and all else is the same', async () => {
    await query(
      url,
      'create table public.cells (number int, share numeric, text text, list text[], document jsonb, at timestamptz)',
      `insert into cells values
         (-1, -0.5, '=HYPERLINK("http://evil/")', array['+a'], '{"a": -1}', '2022-03-01 00:00Z'),
         (-2, null, '-5.2', null, null, null), (-3, 1, '', array['a', null], '"-a"', null), (-4, 1, 'a;=1', null, null, null)`,
    );
    const text = () => readFile(join(folder, 'cells.csv'), 'utf8');
    await exportNow('cells', 'csv');
    const exact = await text();
    expect(exact).toContain(
      '-1,-0.5,"=HYPERLINK(""http://evil/"")","[""+a""]","{""a"": -1}",2022-03-01 00:00:00+00',
    );
    await exportNow('cells', 'csv', SPREADSHEET_FORMATS);
    expect(await text()).toBe(
      exact.replace('"=HYPERLINK', `"'=HYPERLINK`).replace('a;=1', "a;'=1").replace('"""-a"""', `"""'-a"""`),
    );
  });

  it('has a file for each loaded day, also without rows, and for others where there is something to tell', async () => {
    const [hours, events] = await exportNow('calendar_hour,status_event');
    expect(hours).toMatchObject({ rows: 72, files: 3 });
    expect(events).toMatchObject({ rows: 0, files: 2 });
    expect(await files('calendar_hour')).toEqual(DAYS.map((day) => `day=${day}`));
    expect(await files('status_event')).toEqual(['day=2022-03-01', 'day=2022-03-03']);
    expect(
      await duckDb.ask(
        `select count(*)::int as rows, count(distinct day)::int as days from '${folder}/calendar_hour/*/*.parquet'`,
      ),
    ).toEqual([{ rows: 72, days: 3 }]);
    expect(await duckDb.ask(`select day, status from '${folder}/status_event/*/*.parquet'`)).toEqual([]);
  });

  it('replaces what it wrote before, removes files of days that were emptied, and leaves all others', async () => {
    await exportNow('calendar_hour', 'csv');
    await exportNow('calendar_hour');
    await query(
      url,
      `delete from calendar_hour where day = '2022-03-02'`,
      `update calendar_hour set week = 10`,
    );
    expect(await exportNow('calendar_hour')).toMatchObject([{ rows: 48, files: 2, removed: 1 }]);
    expect(await duckDb.ask(`select distinct week from '${folder}/calendar_hour/*/*.parquet'`)).toEqual([
      { week: 10 },
    ]);
    expect(await readdir(join(folder, 'calendar_hour', 'day=2022-03-02'))).toEqual(['part-0.csv']);
  });

  it('leaves the files of a day whose facts have gone to the archive', async () => {
    await query(
      url,
      `insert into ops.poll values ('2022-03-01', 'bonn', '2022-03-01 10:00Z', '2022-03-01 10:00:08Z', '2022-03-01 10:00:07Z', 1, 1, 0, 1, 0, 0, true, '0123456789abcdef', 0)`,
      `insert into observation.charging_point_span values ('2022-03-01 10:00Z', '2022-03-01 10:00Z', '2022-03-01', 'bonn', '1', 'AVAILABLE')`,
    );
    expect(await exportNow('status_chargingpoints')).toMatchObject([{ rows: 1, files: 2, archived: [] }]);
    await query(
      url,
      'delete from observation.charging_point_span',
      `insert into ops.archived_day (day, charging_point_facts, connector_facts) values ('2022-03-01', 1, 0)`,
    );
    expect(await exportNow('status_chargingpoints,calendar_hour')).toMatchObject([
      { rows: 0, files: 1, archived: ['2022-03-01'] },
      { rows: 72, files: 3, archived: [] },
    ]);
    expect(
      await duckDb.ask(`select id_status_cp from '${folder}/status_chargingpoints/*/*.parquet'`),
    ).toEqual([{ id_status_cp: '1@20220301T1000Z' }]);
  });

  it('is of one state, whatever is published meanwhile, and no rebuild takes its tables away', async () => {
    const snapshot = await openSnapshot(url);
    await query(url, 'delete from calendar_hour');
    await expect(
      query(url, `set lock_timeout = '200ms'`, 'alter table public.charging_station set schema ops'),
    ).rejects.toThrow('lock timeout');
    const [hours] = await exportTables(snapshot, {
      tables: chooseTables(snapshot, 'calendar_hour'),
      days: DAYS,
      format: FORMATS.csv,
      store: openStore(`file:${folder}`),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    await snapshot.close();
    expect(hours).toMatchObject({ rows: 72 });
    expect(await exportNow('calendar_hour', 'csv')).toMatchObject([{ rows: 0 }]);
  });

  it('writes row groups of bounded size', async () => {
    await query(
      url,
      `create table long as select number, repeat('ä', 100) || number as text from generate_series(1, 200000) as number`,
    );
    expect(await exportNow('long')).toMatchObject([{ rows: 200_000, files: 1 }]);
    const groups = await duckDb.ask(
      `select distinct row_group_id, row_group_num_rows::int as rows from parquet_metadata('${folder}/long.parquet') order by 1`,
    );
    expect(groups.length).toBeGreaterThan(2);
    expect(Math.max(...groups.map(({ rows }) => Number(rows)))).toBeLessThan(70_000);
    expect(
      await duckDb.ask(
        `select count(distinct number)::int as numbers, bool_and(text = repeat('ä', 100) || number) as same from '${folder}/long.parquet'`,
      ),
    ).toEqual([{ numbers: 200_000, same: true }]);
  });

  it('that fails in the middle of a file leaves the one that was there, and nothing else', async () => {
    await query(
      url,
      `create view broken as select number, 1 / (150000 - number) as quotient from generate_series(1, 10) as number`,
    );
    await exportNow('broken');
    const before = await readFile(join(folder, 'broken.parquet'));
    await query(
      url,
      `create or replace view broken as select number, 1 / (150000 - number) as quotient from generate_series(1, 200000) as number`,
    );
    for (const format of ['parquet', 'csv'] as const)
      await expect(exportNow('broken', format)).rejects.toThrow('division by zero');
    expect(await readFile(join(folder, 'broken.parquet'))).toEqual(before);
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['.tmp', 'broken.parquet']);
  });

  it('refuses what Parquet has no word for, and says where it stands', async () => {
    await query(url, `create table ends as select timestamptz 'infinity' as at`);
    await expect(exportNow('ends')).rejects.toThrow("ends.at: the instant infinity can't be written");
  });
});

describe('what is exported', () => {
  const days = ['2022-03-01', '2022-03-03'];

  it('is as many days as are asked for and reached', () => {
    expect(chooseDays({ days }, {})).toEqual(DAYS);
    expect(chooseDays({ days }, { from: '2022-03-02', to: '2023-01-01' })).toEqual(DAYS.slice(1));
    expect(chooseDays({ days }, { to: '2022-03-01' })).toEqual(DAYS.slice(0, 1));
    expect(() => chooseDays({ days }, { from: '2022-03-02', to: '2022-03-02' })).toThrow(
      'none of these days is loaded; loaded days: 2, from 2022-03-01 to 2022-03-03',
    );
    expect(() => chooseDays({ days }, { from: '2022-03-03', to: '2022-03-01' })).toThrow(
      'is after the last day',
    );
    expect(() => chooseDays({ days }, { from: '2022-02-30' })).toThrow('is not a day');
  });

  it('is the promised tables, those that are named, or all', async () => {
    const snapshot = await openSnapshot(url);
    await snapshot.close();
    const names = (wanted?: string) => chooseTables(snapshot, wanted).map(({ name }) => name);
    expect(names()).toEqual([
      'status_chargingpoints',
      'status_connectors',
      'charging_station',
      'charging_point',
      'connector',
      'time',
    ]);
    expect(names(' outage, city_day,outage')).toEqual(['outage', 'city_day']);
    expect(names('all')).toEqual(expect.arrayContaining(['status_event', 'charging_point_history']));
    expect(names('all')).not.toContain('schema_version');
    expect(() => names('stations')).toThrow(
      /there is no table "stations"; choose from calendar_hour, change, /,
    );
    expect(() => names('')).toThrow('there is no table ""');
  });
});
