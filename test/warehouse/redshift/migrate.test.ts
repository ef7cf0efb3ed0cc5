import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { isTextColumn, TEXT_BYTES } from '../../../src/domain/textBytes.js';
import { openPool } from '../../../src/warehouse/postgres/database.js';
import { openRedshiftWarehouse } from '../../../src/warehouse/redshift/warehouse.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { column, query } from '../support/query.js';
import {
  ABSENT_HINT,
  IAM_ROLE,
  makeRedshiftBench,
  type RedshiftBench,
  whyNoRedshift,
} from './support/bench.js';

const FOLDER = new URL('../../../sql/redshift/', import.meta.url);
const MIGRATIONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.sql'))
  .sort();
const TABLES = MIGRATIONS.map((name) => readFileSync(new URL(name, FOLDER), 'utf8')).join('');

/**
 * Tables of current statuses, which Redshift does not have, because an insert every few minutes would keep Redshift
 * awake.
 */
const OF_NOW = ['public.current_status', 'public.current_feed', 'ops.current_poll', 'ops.recent_poll'];
/** Lengths in bytes of text columns that are in no flat file. */
const OTHER_BYTES: Record<string, number> = {
  changed: 1024,
  digest: 32,
  inventory: 128,
  outcome: 32,
  load: 128,
  status: 256,
  status_before: 256,
  status_after: 256,
  status_group: 32,
  start_cut: 32,
  end_cut: 32,
  spelling: 1024,
  operator: 1024,
  rule: 64,
  meaning: 1024,
  subject: 32,
  severity: 32,
  table_name: 64,
  collector: 64,
  sha256: 64,
};
/**
 * Columns that may be longer. The caller of a load chooses the `reason` of a publication. The `value` of a quality
 * finding is composed of several texts.
 */
const LONGER = new Set(['day_revision.reason', 'quality_finding.value']);
/**
 * Expression for the type on Redshift: content spans have JSON as text, an array is SUPER, and all texts have a length.
 */
const TYPE = `case
  when table_schema = 'ops' and udt_name = 'jsonb' then 'varchar'
  when udt_name = '_varchar' then 'jsonb'
  when udt_name = 'text' then 'varchar'
  else udt_name
end`;

describe('the tables on Redshift', () => {
  const created = [...TABLES.matchAll(/create table \w+\."?(\w+)"? \(\n(.*?)\n\)/gs)].flatMap(
    ([, table = '', body = '']) => body.split('\n').map((line) => ({ table, line: line.trim() })),
  );
  const added = [...TABLES.matchAll(/alter table \w+\.(\w+)\s+add column ([^;]+);/g)].map(
    ([, table = '', line = '']) => ({ table, line: line.trim() }),
  );
  const columns = [...created, ...added];

  it('take texts as long as cleaning leaves them', () => {
    const lengths = columns.flatMap(({ table, line }) => {
      const [, name = '', length] = /^(\w+) varchar\((\d+)\)/.exec(line) ?? [];
      return length === undefined || LONGER.has(`${table}.${name}`)
        ? []
        : [{ table, name, length: Number(length) }];
    });
    expect(lengths.length).toBeGreaterThan(80);
    for (const { table, name, length } of lengths) {
      const expected = isTextColumn(name) ? TEXT_BYTES[name] : OTHER_BYTES[name];
      expect(length, `${table}.${name}`).toBe(expected);
    }
  });

  it('say how every column is encoded', () => {
    expect(columns.filter(({ line }) => !/ encode (raw|az64|zstd),?$/.test(line))).toEqual([]);
  });
});

describe.skipIf(whyNoRedshift !== null)(`a migrated Redshift${ABSENT_HINT}`, () => {
  let bench: RedshiftBench;
  let postgres: TestDatabase;
  beforeAll(async () => {
    [bench, postgres] = await Promise.all([makeRedshiftBench(), createDatabase()]);
    return () => Promise.all([bench.remove(), postgres.drop()]);
  });

  it('has the relations, columns and types of Postgres, in the same order where readers see them', async () => {
    const relations = (url: string, schema: string, order: string) =>
      query(
        url,
        `select table_name, string_agg(column_name || ' ' || ${TYPE}, ', ' order by ${order}) as columns
         from information_schema.columns
         where table_schema = '${schema}' and table_name <> 'schema_version'
           and table_schema || '.' || table_name <> all ('{${OF_NOW.join()}}') group by 1 order by 1`,
      );
    for (const [schema, order] of [
      ['public', 'ordinal_position'],
      ['ops', 'column_name'],
      ['config', 'column_name'],
    ] as const)
      expect(await relations(bench.url, schema, order)).toEqual(await relations(postgres.url, schema, order));
  });

  it('is migrated once, also by two at once', async () => {
    await Promise.all([bench.warehouse.migrate(), bench.warehouse.migrate()]);
    const done = await column(bench.url, 'select name from ladepuls.migration order by version');
    expect(done).toEqual(MIGRATIONS);
    expect(await column(bench.url, 'select count(*)::int from ladepuls.step')).toEqual([1500]);
  });

  it('is migrated by two at once from the beginning', async () => {
    const empty = await makeRedshiftBench({ isMigrated: false });
    try {
      await Promise.all([empty.warehouse.migrate(), empty.warehouse.migrate(), empty.warehouse.migrate()]);
      expect(await column(empty.url, 'select count(*)::int from ladepuls.migration')).toEqual([
        MIGRATIONS.length,
      ]);
    } finally {
      await empty.remove();
    }
  });

  it('refuses a migration that was changed', async () => {
    const pool = openPool(bench.url, 1);
    await pool
      .query(`update ladepuls.migration set sha256 = 'other' where version = 2`)
      .finally(() => pool.end());
    const warehouse = openRedshiftWarehouse(bench.standIn.url, IAM_ROLE);
    await expect(warehouse.migrate()).rejects.toThrow('002.do.views.sql differs from the migration');
    await warehouse.close();
  });
});
