import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { query } from './support/query.js';

const FOLDER = new URL('../../sql/postgres/', import.meta.url);
const MIGRATIONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.sql'))
  .sort();
const BIGINT_IDS = '016.do.bigint-ids.sql';
const textOf = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');

/** Query for all properties of relations. */
const RELATIONS = `
  select
    oid::regclass::text as name, relkind, pg_get_userbyid(relowner) as owner, reloptions,
    case when relkind = 'v' then pg_get_viewdef(oid) end as definition,
    obj_description(oid, 'pg_class') as comment,
    (select array_agg(given::text order by given::text) from aclexplode(relacl) as given where grantee <> relowner) as granted,
    (select array_agg(pg_get_indexdef(indexrelid) order by indexrelid::regclass::text) from pg_index where indrelid = class.oid) as indexes,
    (select array_agg(conname || ' ' || pg_get_constraintdef(con.oid) order by conname) from pg_constraint as con where conrelid = class.oid) as constraints,
    (
      select jsonb_agg(jsonb_build_array(attname, atttypid::regtype, attnotnull, attacl, col_description(attrelid, attnum)) order by attnum)
      from pg_attribute where attrelid = class.oid and attnum > 0 and not attisdropped
    ) as columns
  from pg_class as class
  where relnamespace in ('public'::regnamespace, 'ops'::regnamespace) and relkind in ('r', 'p', 'v')
  order by 1`;

type Column = [name: string, type: string, isNotNull: boolean, granted: unknown, comment: string];

let url: string;
beforeEach(async () => {
  const database = await createDatabase('nothing');
  url = database.url;
  await query(url, ...MIGRATIONS.filter((name) => name < BIGINT_IDS).map(textOf));
  return () => database.drop();
});

async function relations() {
  const rows = await query(url, `set search_path = ''`, RELATIONS);
  return rows.map((row) => ({ ...row, columns: row.columns as Column[] }));
}

it('makes every id_cs bigint, and leaves all else of tables and views as it was', async () => {
  await query(
    url,
    'create view public.doubled with (security_barrier = true) as select id_cs, id_cs * 2 as twice from station_day',
    `comment on view public.doubled is 'Somebody''s own.'`,
    'revoke all on public.station_day from ladepuls_reader',
    'grant select on public.city_day to public',
    'grant select (day), update (day) on public.station_hour to ladepuls_reader with grant option',
  );
  const before = await relations();
  await query(url, textOf(BIGINT_IDS));
  const after = await relations();

  const widened = before.flatMap(({ name, columns }: Record<string, unknown> & { columns: Column[] }) =>
    columns.filter(([column]) => column === 'id_cs').map(() => name),
  );
  expect(widened).toEqual(
    expect.arrayContaining([
      'ops.charging_point_run',
      'ops.charging_station_run',
      'public.change',
      'public.charging_point',
      'public.charging_point_as_was',
      'public.charging_point_history',
      'public.charging_station',
      'public.charging_station_history',
      'public.status_chargingpoints_as_was',
      'public.station_day',
      'public.station_hour',
    ]),
  );
  const asExpected = before.map((relation) => ({
    ...relation,
    columns: relation.columns.map(([column, type, ...rest]) => [
      column,
      column === 'id_cs' || column === 'twice' ? 'bigint' : type,
      ...rest,
    ]),
  }));
  expect(comparable(after)).toEqual(comparable(asExpected));
});

/**
 * Return the relations without two differences: the comments that the migration changes, and the names of columns that
 * a view's printed definition adds and no reader sees.
 */
function comparable(found: object[]): unknown {
  const json = JSON.stringify(found)
    .replaceAll(/Key: the source's number[^"]*/g, '')
    .replaceAll(/(?<=::[a-z ]+) AS [\w\\"]+(?=,|\\n)/g, '');
  return JSON.parse(json);
}

it('stops at a view in a schema of somebody else, which it names, and changes nothing', async () => {
  await query(
    url,
    'create schema mine',
    'create view mine.cities as select distinct city from public.charging_station',
  );
  const before = await relations();
  await expect(query(url, textOf(BIGINT_IDS))).rejects.toThrow(
    'The view mine.cities reads tables whose column id_cs changes its type',
  );
  expect(await relations()).toEqual(before);
});
