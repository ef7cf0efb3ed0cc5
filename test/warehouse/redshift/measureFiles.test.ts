import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Measure, MEASURES } from '../../../src/warehouse/measures/registry.js';
import { statementsOf } from '../../../src/warehouse/measures/run.js';
import { bind, Sql } from '../../../src/warehouse/measures/sql.js';
import { findUnparsable, whyNoSqlfluff } from '../../support/sqlfluff.js';
import { findDenied } from './dialect/denied.js';

const SQL = new URL('../../../sql/', import.meta.url);
const reason = await whyNoSqlfluff();

/** Return the names of a folder's files, without their extension. */
const filesIn = (folder: string) =>
  readdirSync(new URL(folder, SQL))
    .map((file) => file.replace(/\.sql$/, ''))
    .sort();

const SHARED = filesIn('measures/');
const FILES = [...filesIn('redshift/measures/'), ...SHARED];

/** A valid value for each parameter: names of tables and columns, instants, days, numbers. */
const SAMPLES = {
  ...Object.fromEntries(
    [
      'day_start',
      'day_end',
      'hours_start',
      'hours_end',
      'near_start',
      'near_end',
      'next_hour',
      'from',
      'to',
    ].map((name) => [name, new Date(0)]),
  ),
  ...Object.fromEntries(
    ['day', 'first_day', 'last_day', 'first_day_near', 'last_day_near'].map((name) => [name, '2022-01-11']),
  ),
  ...Object.fromEntries(
    ['bridged_slots', 'hours_before', 'hours_behind', 'grace_hours', 'compared_polls'].map((name) => [
      name,
      2,
    ]),
  ),
  ...Object.fromEntries(
    ['dimension', 'spans', 'history', 'touched', 'id', 'ops', 'published', 'measure'].map((name) => [
      name,
      new Sql(name),
    ]),
  ),
  compared: new Sql(`interval '168 hours'`),
  complete_share: 0.8,
  time_zone: 'Europe/Berlin',
  examine: new Sql('select 1 as rule'),
  reading_intervals: new Sql(`'status_known'`),
  rules: new Sql(`'poll_not_empty'`),
  incomplete_by_rule: new Sql(`select 'poll_not_empty' as rule, 'empty' as incomplete`),
  is_addition: true,
  columns: ['name', 'city'],
  spanned: ['feed', 'first_slot'],
  content: new Sql('name, json_parse(opening_hours)'),
  fixed: ['name'],
  earlier_longitude: new Sql('before.longitude'),
  earlier_latitude: new Sql('before.latitude'),
  begun_longitude: new Sql('begun.longitude'),
  begun_latitude: new Sql('begun.latitude'),
  begun: new Sql('history.valid_from, history.changed'),
  of_version: new Sql('this.name, this.city'),
  moved: new Sql('(case when this.longitude = anchor.longitude then 0 else 1 end)'),
  differing_fixed: new Sql(`case when this.name = before.name then '' else ',name' end`),
  differing: new Sql(`case when this.name = before.name then '' else ',name' end`),
};

const statements = (database: 'postgres' | 'redshift', name: string) =>
  statementsOf(database, name).map((statement) => bind(statement, SAMPLES));

describe('the files of measures', () => {
  it('are there for each measure, one text for both databases or one for each', () => {
    const postgres = filesIn('postgres/measures/');
    const redshift = filesIn('redshift/measures/');
    const staged = (MEASURES as readonly Measure[])
      .filter(({ stagedOn }) => stagedOn?.includes('postgres'))
      .map(({ table }) => `new_${table}`);
    expect(postgres).toEqual([...redshift, ...staged].sort());
    expect(postgres.filter((name) => SHARED.includes(name))).toEqual([]);
    const all = [...postgres, ...SHARED];
    expect(MEASURES.map(({ table }) => table).filter((table) => !all.includes(table))).toEqual([]);
  });

  it.each(FILES)('have nothing that Redshift refuses, also in what no test runs: %s', (name) => {
    expect(statements('redshift', name).filter((sql) => findDenied(sql).length > 0)).toEqual([]);
  });

  it('of Redshift drop every temporary table that they make', () => {
    const dimensions = ['charging_station', 'charging_point', 'connector'];
    const all = FILES.flatMap((name) =>
      statementsOf('redshift', name).flatMap((statement) =>
        statement.includes('seen_:dimension')
          ? dimensions.map((dimension) => bind(statement, { ...SAMPLES, dimension: new Sql(dimension) }))
          : [bind(statement, SAMPLES)],
      ),
    );
    const named = (pattern: RegExp) => all.flatMap((sql) => pattern.exec(sql)?.[1] ?? []).sort();
    expect(named(/^drop table (\w+)$/)).toEqual(named(/^create temp table (\w+)/));
  });

  it.skipIf(reason !== null)(
    `are Redshift’s by its grammar${reason === null ? '' : `: skipped, ${reason}`}`,
    { timeout: 300_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ladepuls-measures-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      for (const name of FILES)
        for (const [number, sql] of statements('redshift', name).entries())
          writeFileSync(join(folder, `${name}-${number}.sql`), `${sql};\n`);
      expect(await findUnparsable(folder)).toEqual([]);
    },
  );
});
