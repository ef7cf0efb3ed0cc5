import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { putDictionary } from '../../../src/serving/exporting/dictionary.js';
import { exportTables } from '../../../src/serving/exporting/export.js';
import type { TableFormatName } from '../../../src/serving/exporting/names.js';
import { FORMATS } from '../../../src/serving/exporting/registry.js';
import { openStore } from '../../../src/stores/open.js';
import { openSnapshot } from '../../../src/warehouse/open.js';
import type { Relation } from '../../../src/warehouse/relation.js';
import type { Snapshot } from '../../../src/warehouse/snapshot.js';
import { ABSENT_HINT, RECORDED_DAY, RECORDED_POLLS_ARE_ABSENT } from '../../e2e/support/recordedPolls.js';
import { startS3Server, whyNoS3Server } from '../../support/s3Server.js';
import type { LoadBench } from '../../warehouse/support/loads.js';
import { makeRecordedBench } from '../../warehouse/support/recorded.js';
import {
  csvOf,
  DUCKDB_TYPES,
  parquetOf,
  rowsOfCsv,
  rowsOfFiles,
  rowsOfWarehouse,
} from './support/compare.js';
import { type DuckDb, openDuckDb } from './support/duckdb.js';

const whyNoS3 = await whyNoS3Server();

describe.skipIf(RECORDED_POLLS_ARE_ABSENT)(`two recorded polls, exported${ABSENT_HINT}`, () => {
  let bench: LoadBench;
  let snapshot: Snapshot;
  let duckDb: DuckDb;
  let folder: string;
  beforeAll(async () => {
    const { remove, ...made } = await makeRecordedBench();
    bench = made;
    snapshot = await openSnapshot(bench.url);
    duckDb = await openDuckDb();
    folder = await mkdtemp(join(tmpdir(), 'ladepuls-export-'));
    return async () => {
      duckDb.close();
      await snapshot.close();
      await remove();
      await rm(folder, { recursive: true, force: true });
    };
  }, 60_000);

  const exportAll = async (
    format: TableFormatName,
    address: string,
    tables: Relation[],
    env?: NodeJS.ProcessEnv,
  ) => {
    const store = openStore(address, env);
    const exported = await exportTables(snapshot, {
      tables,
      days: [RECORDED_DAY],
      format: FORMATS[format],
      store,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    await store.close();
    return exported;
  };

  it('as Parquet is what the warehouse has, table for table, type for type, value for value', async () => {
    const exported = await exportAll('parquet', `file:${folder}`, snapshot.relations);
    const counts = Object.fromEntries(exported.map(({ table, rows }) => [table, rows]));
    expect(counts).toMatchObject({ status_chargingpoints: 4856, status_connectors: 5622, time: 25 });
    expect(exported.map(({ table }) => table)).toEqual(snapshot.relations.map(({ name }) => name));
    for (const relation of snapshot.relations) {
      const files = parquetOf(relation, folder);
      const found = await rowsOfFiles(duckDb, relation, files);
      expect(found, relation.name).toEqual(await rowsOfWarehouse(bench.url, relation));
      expect(found.length, relation.name).toBe(counts[relation.name]);
      const described = await duckDb.ask(
        `select column_name, column_type from (describe select * from ${files})`,
      );
      const types = Object.fromEntries(
        described.map((row) => [String(row.column_name), String(row.column_type)]),
      );
      expect(types, relation.name).toEqual(
        Object.fromEntries(relation.columns.map(({ name, type }) => [name, DUCKDB_TYPES[type]])),
      );
    }
  });

  it('as CSV is the same', async () => {
    await exportAll('csv', `file:${folder}`, snapshot.relations);
    for (const relation of snapshot.relations) {
      const found = await rowsOfCsv(duckDb, relation, csvOf(relation, folder));
      expect(found, relation.name).toEqual(await rowsOfWarehouse(bench.url, relation));
    }
    const [first] = (
      await readFile(join(folder, 'status_connectors', `day=${RECORDED_DAY}`, 'part-0.csv'), 'utf8')
    ).split('\n', 1);
    expect(first).toBe('id_status_connectors,id_connector,query_time,status_connector,slot,day');
  });

  it('has a dictionary of all tables, and the same in the Parquet files themselves', async () => {
    const store = openStore(`file:${folder}`);
    await putDictionary(store, snapshot.relations, 'Europe/Berlin');
    const dictionary = JSON.parse((await store.get('dictionary.json')).toString()) as {
      time_zone: string;
      tables: { name: string; columns: Record<string, unknown>[] }[];
    };
    expect(dictionary.time_zone).toBe('Europe/Berlin');
    expect(dictionary.tables.map(({ name }) => name)).toEqual(snapshot.relations.map(({ name }) => name));
    expect(dictionary.tables.find(({ name }) => name === 'connector')?.columns[1]).toEqual({
      name: 'id_cp',
      type: 'varchar',
      nullable: false,
      is_key: false,
      references: 'charging_point',
      meaning: 'The charging point of the connector: charging_point.id_cp.',
    });
    expect((await store.get('dictionary.md')).toString()).toContain(
      '| `id_cp` | varchar | no | FK charging_point | The charging point of the connector: charging_point.id_cp. |',
    );
    await exportAll(
      'parquet',
      `file:${folder}`,
      snapshot.relations.filter(({ name }) => name === 'time'),
    );
    const [metadata] = await duckDb.ask(
      `select decode(value) as value from parquet_kv_metadata('${folder}/time.parquet') where decode(key) = 'ladepuls.columns'`,
    );
    const columns = dictionary.tables.find(({ name }) => name === 'time')?.columns ?? [];
    expect(JSON.parse(String(metadata?.value))).toEqual(
      Object.fromEntries(columns.map(({ name, meaning }) => [name, meaning])),
    );
  });

  it.skipIf(whyNoS3 !== null)(
    `goes to S3 byte for byte as to a folder${whyNoS3 ? `: skipped, ${whyNoS3}` : ''}`,
    async () => {
      const server = await startS3Server();
      try {
        await server.bucket('exports');
        const tables = snapshot.relations.filter(({ name }) =>
          ['charging_station', 'city_day'].includes(name),
        );
        await exportAll('parquet', 's3://exports/below', tables, server.env);
        await exportAll('csv', 's3://exports/below', tables, server.env);
        const store = openStore('s3://exports/below', server.env);
        const keys: string[] = [];
        for await (const { key } of store.list('')) keys.push(key);
        expect(keys).toEqual([
          'charging_station.csv',
          'charging_station.parquet',
          `city_day/day=${RECORDED_DAY}/part-0.csv`,
          `city_day/day=${RECORDED_DAY}/part-0.parquet`,
        ]);
        await exportAll('parquet', `file:${folder}`, tables);
        await exportAll('csv', `file:${folder}`, tables);
        for (const key of keys) expect(await store.get(key), key).toEqual(await readFile(join(folder, key)));
        await store.close();
      } finally {
        await server.stop();
      }
    },
  );
});
