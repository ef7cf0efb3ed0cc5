import { readdirSync, readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { openPostgresWarehouse } from '../../src/warehouse/postgres/warehouse.js';
import { createDatabase } from '../support/database.js';
import { column, query } from './support/query.js';

const FOLDER = new URL('../../sql/postgres/', import.meta.url);
const MIGRATIONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.sql'))
  .sort();
const CONTENT_SPANS = '017.do.content-spans.sql';
const textOf = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');

/** Query for every relation, index and constraint of schema `ops`. */
const NAMES = `
  select relname from pg_class where relnamespace = 'ops'::regnamespace
  union all select conname from pg_constraint where connamespace = 'ops'::regnamespace order by 1`;

it('the migration renames tables, indexes and constraints, and keeps rows and what reads them', async () => {
  const database = await createDatabase('nothing');
  onTestFinished(() => database.drop());
  await query(database.url, ...MIGRATIONS.filter((name) => name < CONTENT_SPANS).map(textOf));
  await query(
    database.url,
    `insert into ops.connector_run (day, id_connector, feed, first_slot, last_slot, polls, id_cp, source)
     values ('2022-01-11', '110', 'koeln', '2022-01-11 10:00Z', '2022-01-11 10:00Z', 1, '11', 'chargecloud')`,
    'create view ops.somebodys as select id_connector from ops.connector_run',
  );
  const before = (await column(database.url, NAMES)).map(String);
  expect(before.filter((name) => /_run(_|$)/.test(name)).length).toBeGreaterThanOrEqual(9);

  await query(database.url, textOf(CONTENT_SPANS));
  const after = (await column(database.url, NAMES)).map(String);
  expect(after).toEqual(before.map((name) => name.replace(/_run(?=_|$)/, '_content_span')).sort());
  expect(await column(database.url, 'select id_connector from ops.connector_content_span')).toEqual(['110']);
  expect(await column(database.url, 'select id_connector from ops.somebodys')).toEqual(['110']);
});

it('tables of a rebuild under their earlier names take no loads, and are not exchanged', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const warehouse = openPostgresWarehouse(database.url);
  onTestFinished(() => warehouse.close());
  await warehouse.beginRebuild('earlier');
  await query(
    database.url,
    'delete from rebuilt.schema_version where version > 16',
    'alter table rebuilt_ops.connector_content_span rename to connector_run',
  );
  await expect(warehouse.exchange('earlier')).rejects.toThrow('Run "ladepuls rebuild" again');
  await expect(warehouse.open({ day: '2022-01-11', run: 'run', isRebuild: true })).rejects.toThrow(
    'Run "ladepuls rebuild" again',
  );
  expect(await column(database.url, 'select count(*)::int from ops.connector_content_span')).toEqual([0]);
});
