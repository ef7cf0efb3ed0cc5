import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { exportTables } from '../../../src/serving/exporting/export.js';
import { FORMATS } from '../../../src/serving/exporting/registry.js';
import { openStore } from '../../../src/stores/open.js';
import { openSnapshot } from '../../../src/warehouse/open.js';
import { createDatabase } from '../../support/database.js';
import { query } from '../../warehouse/support/query.js';
import { csvOf, parquetOf, rowsOfCsv, rowsOfFiles, rowsOfWarehouse } from './support/compare.js';
import { type DuckDb, openDuckDb } from './support/duckdb.js';

let url: string;
let duckDb: DuckDb;
let folder: string;
beforeAll(async () => {
  const database = await createDatabase();
  url = database.url;
  duckDb = await openDuckDb();
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-export-'));
  await query(
    url,
    `insert into ops.day_revision (day, revision, published_at, reason, load) values ('2022-03-01', 1, now(), 'test', 'test')`,
    `create table "Größe, 'x'" ("a ""b"", c" text, texts varchar[], document jsonb, "float" float8, percent numeric(9, 3),
       large int8, small int2, at timestamptz, day date, truth boolean)`,
  );
  return async () => {
    duckDb.close();
    await rm(folder, { recursive: true, force: true });
    await database.drop();
  };
});

/** Generator of texts that feeds may contain, without NUL, which Postgres can't store. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((characters) => characters.replaceAll('\0', '')),
  fc.constantFrom(
    '',
    ' ',
    '"',
    '""',
    ',',
    '\\.',
    '\\N',
    'NULL',
    '\n',
    '\r\n',
    '\r',
    '\t',
    "'",
    '🔌',
    '\u{FEFF}ä',
    '=1+1',
  ),
);
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 5 });
const microseconds = fc
  .tuple(
    fc.date({ min: new Date('0001-01-02Z'), max: new Date('9999-12-30Z'), noInvalidDate: true }),
    fc.nat(999),
  )
  .map(([date, more]) => date.toISOString().replace('Z', `${String(more).padStart(3, '0')}Z`));
const row = fc.record({
  'a "b", c': orNull(text),
  texts: orNull(fc.array(orNull(text), { maxLength: 3 })),
  document: orNull(
    fc.dictionary(
      text,
      fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
    ),
  ),
  float: orNull(fc.oneof(fc.double(), fc.constantFrom(0.1, -0, 5e-324, NaN, Infinity)).map(String)),
  percent: orNull(fc.integer({ min: -999_999_999, max: 999_999_999 }).map((number) => number / 1000)),
  large: orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  small: orNull(fc.integer({ min: -32_768, max: 32_767 })),
  at: orNull(microseconds),
  day: fc.constantFrom('2022-03-01', '2022-03-02'),
  truth: orNull(fc.boolean()),
});

it('whatever stands in a table is read back as it stands there', async () => {
  const snapshots = await openSnapshot(url);
  await snapshots.close();
  const relation = snapshots.relations.find(({ name }) => name === "Größe, 'x'");
  if (!relation) throw new Error('the table is not to be seen');
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
      await query(url, 'truncate "Größe, \'x\'"');
      await insert(rows);
      const snapshot = await openSnapshot(url);
      for (const format of ['parquet', 'csv'] as const)
        await exportTables(snapshot, {
          tables: [relation],
          days: ['2022-03-01', '2022-03-02'],
          format: FORMATS[format],
          store: openStore(`file:${folder}`),
          signal: new AbortController().signal,
          onProgress: () => undefined,
        });
      await snapshot.close();
      const expected = await rowsOfWarehouse(url, relation);
      expect(expected).toHaveLength(rows.length);
      expect(await rowsOfFiles(duckDb, relation, parquetOf(relation, folder))).toEqual(expected);
      expect(await rowsOfCsv(duckDb, relation, csvOf(relation, folder))).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

async function insert(rows: Record<string, unknown>[]): Promise<void> {
  await query(
    url,
    `insert into "Größe, 'x'" select * from jsonb_populate_recordset(null::"Größe, 'x'", ${pg.escapeLiteral(JSON.stringify(rows))})`,
  );
}
