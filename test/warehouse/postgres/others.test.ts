import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { addDays, slotsOfDay } from '../../../src/domain/day.js';
import { madeByMigrations } from '../../../src/warehouse/postgres/others/migrated.js';
import { LoadRefused } from '../../../src/warehouse/warehouse.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../../cleaning/support/polls.js';
import { sharedComponent } from '../../support/sharedComponent.js';
import { type LoadBench, loadDay, openCopies } from '../support/loads.js';
import { column, query } from '../support/query.js';

const DAYS = [DAY, addDays(DAY, 1)];

let bench: LoadBench;
const openLoaded = openCopies(async (made) => {
  for (const day of DAYS) {
    const [slot = NaN] = slotsOfDay(day, ZONE, 10);
    const stations = [station('1', [point('11', 'CHARGING')], { name: `Name ${day}` })];
    await putPoll(made.raw, { slot, body: envelope(slot, stations) });
    await loadDay(made, day);
  }
});
beforeEach(async () => {
  bench = await openLoaded();
});

async function load(rebuild: string): Promise<void> {
  await bench.warehouse.beginRebuild(rebuild);
  for (const day of DAYS) await loadDay(bench, day, 'rebuild', { isRebuild: true });
}

/** Run a whole rebuild. Return the objects that it could not recreate, without reasons. */
async function rebuild(name = 'first'): Promise<string[]> {
  await load(name);
  expect(await bench.warehouse.exchange(name)).toEqual([]);
  await bench.warehouse.dropReplaced();
  const { found, total } = await bench.warehouse.notRecreated(name);
  expect(total).toBe(found.length);
  return found.map(({ kind, name: lost }) => `${kind} ${lost}`);
}

/**
 * Create a role that is dropped after the test, with all its objects. If `isOurs`, the warehouse's owner may act as
 * this role.
 */
async function newRole({ isOurs = true } = {}): Promise<string> {
  const role = `test_${randomBytes(6).toString('hex')}`;
  const server = await sharedComponent('postgres');
  await query(server, `create role ${role}`);
  const owned = bench.url;
  onTestFinished(async () => {
    await query(
      owned,
      `grant ${role} to current_user with inherit true, set true`,
      `drop owned by ${role} cascade`,
    );
    await query(server, `drop role ${role}`);
  });
  if (isOurs) await query(server, `grant ${role} to current_user with inherit true, set true`);
  return role;
}

/** Read the properties of other people's relations from Postgres' catalog: all that a rebuild must restore. */
const describeRelations = (names: string[]) =>
  query(
    bench.url,
    `set search_path = ''`,
    `select class.oid::regclass::text as name, relkind, pg_get_userbyid(relowner) as owner, reloptions, relispopulated,
       case when relkind in ('v', 'm') then pg_get_viewdef(class.oid) end as definition,
       (select array_agg(acl::text order by acl::text) from unnest(relacl) as acl) as acl,
       obj_description(class.oid, 'pg_class') as comment,
       (select array_agg(format('%s %s %s %s', attname, format_type(atttypid, atttypmod), attacl, col_description(attrelid, attnum)) order by attnum)
        from pg_attribute where attrelid = class.oid and attnum > 0 and not attisdropped) as columns,
       (select array_agg(pg_get_indexdef(indexrelid) order by indexrelid::regclass::text) from pg_index where indrelid = class.oid) as indexes,
       (select array_agg(pg_get_triggerdef(oid) order by tgname) from pg_trigger where tgrelid = class.oid and not tgisinternal) as triggers,
       (select array_agg(pg_get_ruledef(oid) order by rulename) from pg_rewrite where ev_class = class.oid and rulename <> '_RETURN') as rules
     from pg_class class where class.oid = any (array[${names.map((name) => `'${name}'`).join(', ')}]::regclass[]) order by 1`,
  );

describe('views of other people', () => {
  it('are made anew with their owner, options, grants, comments, indexes and rows, twice in a row', async () => {
    const analyst = await newRole();
    const guest = await newRole({ isOurs: false });
    await query(
      bench.url,
      'create schema mine',
      'create table mine.town as select distinct city from charging_station',
      'create table public.note as select 1 as note',
      `create schema authorization ${analyst}`,
      `grant usage, create on schema ${analyst} to current_user`,
      `grant select on charging_station, charging_point to ${analyst}`,
      `grant usage on schema mine to ${analyst}; grant select on mine.town to ${analyst}`,
      // A chain of views through three schemas, one of which belongs to another role. The views read tables of the
      // warehouse and of other people.
      'create view public.station_name as select id_cs, name, note from charging_station, note',
      `create view mine.named (number, label) with (security_barrier, security_invoker = true)
         as select id_cs, name from public.station_name join mine.town on true`,
      `comment on view mine.named is 'it''s mine'`,
      `comment on column mine.named.label is 'a name'`,
      `grant select (number) on mine.named to ${guest} with grant option`,
      `grant select on public.station_name to public; grant select on public.station_name to ${analyst} with grant option`,
      `create view ${analyst}.own with (check_option = local) as select * from public.charging_station where city is not null`,
      `alter view ${analyst}.own alter column name set default 'new'`,
      `grant select, update on ${analyst}.own to ${guest}`,
      `alter view ${analyst}.own owner to ${analyst}`,
      // Two materialized views. A view and the second materialized view read the first one.
      `create materialized view mine.status with (fillfactor = 80) as
         select status_cp, named.label, count(*)::int as facts from status_chargingpoints, mine.named group by 1, 2`,
      'create unique index status_key on mine.status (status_cp, upper(label))',
      `comment on materialized view mine.status is 'counted'`,
      `grant select on mine.status to ${guest}`,
      `create materialized view mine.later as select * from mine.status with no data`,
      'create view ops.total as select sum(facts) as facts, max(day) as day from mine.status, ops.ledger',
    );
    const names = [
      'mine.named',
      'public.station_name',
      `${analyst}.own`,
      'mine.status',
      'mine.later',
      'ops.total',
    ];
    const before = await describeRelations(names);
    expect(before).toHaveLength(6);
    const rows = () =>
      query(
        bench.url,
        `select (select sum(facts) from mine.status)::int as facts, (select facts from ops.total)::int as total,
        (select max(label) from mine.named) as label, (select count(*) from ${analyst}.own)::int as own`,
      );
    const read = await rows();
    expect(read).toEqual([{ facts: 2, total: 4, label: `Name ${DAYS[1] ?? ''}`, own: 1 }]);
    for (const name of ['first', 'second']) {
      expect(await rebuild(name)).toEqual([]);
      expect(await describeRelations(names)).toEqual(before);
      expect(await rows()).toEqual(read);
    }
    await query(bench.url, `update charging_station set name = 'changed'`);
    expect(await column(bench.url, 'select label from mine.named'), 'they read the new tables').toEqual([
      'changed',
    ]);
    await query(bench.url, 'refresh materialized view mine.status');
    expect(await column(bench.url, 'select label from mine.status')).toEqual(['changed']);
    expect(await column(bench.url, 'select count(*)::int from ops.not_recreated')).toEqual([0]);
  });

  it('that can’t be made any more are listed with their reason and their statements, and so is what reads them', async () => {
    await query(
      bench.url,
      'create schema mine',
      'alter table charging_station add column colour text',
      'create view mine.colour as select id_cs, colour from charging_station',
      `grant select on mine.colour to public`,
      'create view mine.bright as select * from mine.colour',
      'create materialized view mine.stored as select * from mine.bright',
      'create view mine.city as select city from charging_station',
    );
    expect(await rebuild()).toEqual([
      'view mine.colour',
      'view mine.bright',
      'materialized view mine.stored',
      'column public.charging_station.colour',
    ]);
    const listed = () =>
      query(
        bench.url,
        'select rebuild, name, reason, definition from ops.not_recreated order by exchanged_at, number',
      );
    const [colour, bright, stored] = await listed();
    expect(colour).toMatchObject({
      name: 'mine.colour',
      reason: 'column "colour" does not exist',
    });
    expect(bright).toMatchObject({ reason: 'it reads mine.colour, which could not be created again' });
    expect(stored?.definition).toContain(
      'create materialized view mine.stored as  SELECT id_cs,\n    colour\n   FROM mine.bright',
    );
    expect(
      await column(
        bench.url,
        `select to_regclass('mine.colour') is null and to_regclass('mine.city') is not null`,
      ),
    ).toEqual([true]);

    expect(await rebuild('second'), 'the list outlives the next rebuild').toEqual([]);
    expect(await listed()).toHaveLength(4);
    await query(bench.url, 'alter table charging_station add column colour text');
    for (const row of [colour, bright, stored]) await query(bench.url, row?.definition as string);
    expect(
      await column(bench.url, 'select colour from mine.stored'),
      'the statements run as they are',
    ).toEqual([null]);
    expect(
      await column(bench.url, `select 1 from ops.not_recreated limit 1`, 'set role ladepuls_reader'),
    ).toEqual([1]);
  });

  it('are refused at the beginning where nobody may make them anew, with what to do; later they are listed', async () => {
    const stranger = await newRole({ isOurs: false });
    const server = await sharedComponent('postgres');
    await query(server, `grant ${stranger} to current_user with inherit true, set true`);
    await query(
      bench.url,
      `create schema authorization ${stranger}`,
      `create view ${stranger}.name as select name from charging_station`,
      `alter view ${stranger}.name owner to ${stranger}`,
    );
    const revoke = `revoke ${stranger} from current_user`;
    await query(bench.url, revoke);
    const refused = bench.warehouse.beginRebuild('first');
    await expect(refused).rejects.toThrow(LoadRefused);
    await expect(refused).rejects.toThrow(new RegExp(`view ${stranger}.name.*grant the role ${stranger} to`));
    expect(
      await column(bench.url, `select count(*)::int from pg_namespace where nspname ~ 'rebuilt'`),
    ).toEqual([0]);

    await query(bench.url, `grant ${stranger} to current_user with inherit true, set true`);
    await load('first');
    await query(bench.url, revoke);
    expect(await bench.warehouse.exchange('first')).toEqual([]);
    expect((await bench.warehouse.notRecreated('first')).found).toEqual([
      { kind: 'view', name: `${stranger}.name`, reason: expect.stringMatching('denied') as string },
    ]);
  });

  it('are made anew under any name, and with any comment', async () => {
    const schema = `"My $$ 'schema'; drop schema ops"`;
    await query(
      bench.url,
      `create schema ${schema}`,
      `alter default privileges in schema ${schema} grant select on tables to public`,
      `create view ${schema}."a $$ ""b" as select name as "n$$ame", '$$'';' as "c;" from charging_station`,
      `revoke all on ${schema}."a $$ ""b" from public`,
      `comment on column ${schema}."a $$ ""b"."c;" is 'back\\slash $$ '';'`,
      `create materialized view ${schema}."m'" as select * from ${schema}."a $$ ""b"`,
      `create unique index "i $$" on ${schema}."m'" ("n$$ame", "c;")`,
    );
    const names = ['a $$ ""b', `m''`].map((name) => `${schema.replaceAll("'", "''")}."${name}"`);
    const before = await describeRelations(names);
    expect(await rebuild()).toEqual([]);
    expect(await describeRelations(names)).toEqual(before);
  });

  it('stay as they were where the exchange ends half-way, and where it is tried again', async () => {
    await query(
      bench.url,
      'create schema mine',
      'create view mine.name as select name from charging_station',
      'create materialized view mine.stored as select * from mine.name',
      'create view mine.last as select * from mine.stored',
    );
    const names = ['mine.name', 'mine.stored', 'mine.last'];
    const before = await describeRelations(names);
    const oids = () =>
      column(
        bench.url,
        `select oid::int8::int from pg_class where relnamespace = 'mine'::regnamespace order by relname`,
      );
    const old = await oids();
    await load('first');
    const reader = new pg.Client({ connectionString: bench.url });
    onTestFinished(() => reader.end());
    await reader.connect();
    // This view is the last lock that the exchange takes. All work of the exchange before it must be rolled back.
    await reader.query('begin; lock table mine.last in access share mode; select from mine.name limit 0');
    await expect(bench.warehouse.exchange('first')).rejects.toThrow('lock timeout');
    expect(await describeRelations(names)).toEqual(before);
    expect(await oids()).toEqual(old);
    expect(await column(bench.url, `select to_regclass('ops.not_recreated') is null`)).toEqual([true]);
    await reader.query('commit');

    // A reader of the materialized view delays only the replacement of that view.
    await reader.query('begin; select from mine.stored');
    await expect(bench.warehouse.exchange('first')).rejects.toThrow('lock timeout');
    expect((await bench.warehouse.notRecreated('first')).found.map(({ name }) => name)).toEqual([
      'mine.stored',
      'mine.last',
    ]);
    expect(await column(bench.url, 'select name from mine.last'), 'the old one is read').toEqual([
      `Name ${DAYS[1] ?? ''}`,
    ]);
    await reader.query('commit');
    expect(await bench.warehouse.exchange('first')).toEqual([]);
    expect((await bench.warehouse.notRecreated('first')).total).toBe(0);
    await bench.warehouse.dropReplaced();
    expect(await describeRelations(names)).toEqual(before);
  });
});

describe('grants of other people', () => {
  it('on relations, columns and schemas, by default and with grant option are those of before; so is what readers lack', async () => {
    const analyst = await newRole();
    const guest = await newRole();
    await query(
      bench.url,
      `grant select on charging_station, ops.poll, status_chargingpoints to ${analyst} with grant option`,
      `grant select (id_cs, name), references (id_cs) on charging_station to ${guest}`,
      `grant select (gone) on charging_station to ${guest}`.replace('gone', 'city'),
      `grant usage on schema ops to ${guest}; grant create on schema observation to ${analyst}`,
      `alter default privileges in schema ops grant select on tables to ${guest}`,
      `alter default privileges in schema ops grant usage on sequences to ${guest} with grant option`,
      `alter default privileges in schema public grant insert on tables to ${guest}`,
      'grant select on ops.ledger to public',
      'revoke select on charging_point from ladepuls_reader',
    );
    const grants = () =>
      query(
        bench.url,
        `select nspname, relname, attname, (select array_agg(entry::text order by entry::text) from unnest(acl) as entry) as acl
         from (
           select relnamespace, relname, null as attname, relacl as acl from pg_class where relkind in ('r', 'p', 'v') and not relispartition
           union all select relnamespace, relname, attname, attacl from pg_class join pg_attribute on attrelid = pg_class.oid where attacl is not null
           union all select oid, null, null, nspacl from pg_namespace
           union all select defaclnamespace, defaclobjtype::text, null, defaclacl from pg_default_acl
         ) as granted join pg_namespace on pg_namespace.oid = relnamespace
         where nspname in ('public', 'ops', 'observation') order by 1, 2 nulls first, 3 nulls first`,
      );
    const before = await grants();
    expect(await rebuild()).toEqual([]);
    expect(await grants()).toEqual(before);
  });

  it('on columns that are no more are listed', async () => {
    const guest = await newRole();
    await query(
      bench.url,
      'alter table charging_station add column colour text',
      `grant select (colour) on charging_station to ${guest}`,
    );
    expect(await rebuild()).toEqual([
      'grant public.charging_station.colour',
      'column public.charging_station.colour',
    ]);
    expect(await column(bench.url, 'select definition from ops.not_recreated order by number')).toEqual([
      `grant SELECT (colour) on public.charging_station to ${guest};`,
      'alter table public.charging_station add column colour text;',
    ]);
  });
});

describe('what else other people have on the warehouse', () => {
  it('is made anew where that is simple: keys, routines, triggers, policies, indexes, statistics, publications', async () => {
    const analyst = await newRole();
    await query(
      bench.url,
      'create schema mine',
      'create table mine.visit (id int primary key, id_cs int references charging_station, id_cp varchar collate "C" references charging_point)',
      `insert into mine.visit select 1, id_cs from charging_station`,
      `create function mine.stations() returns bigint begin atomic select count(*) from public.charging_station; end`,
      `create function mine.label(station charging_station) returns text language sql as $$ select station.name || '!' $$`,
      `revoke execute on function mine.label from public; grant execute on function mine.label to ${analyst}`,
      `create function mine.first() returns setof charging_station begin atomic select * from public.charging_station; end`,
      'create view mine.labelled as select mine.label(station) as label from charging_station as station',
      `create function mine.ignore() returns trigger language plpgsql as 'begin return null; end'`,
      'create trigger seen after insert on charging_station for each statement execute function mine.ignore()',
      'alter table charging_station disable trigger seen',
      'create rule quiet as on insert to charging_station where false do also nothing',
      'alter table charging_station enable row level security',
      `create policy visible on charging_station for select to ${analyst} using (exists (select from public.connector))`,
      'alter table mine.visit enable row level security',
      'create policy known on mine.visit using (id_cs in (select id_cs from public.charging_station))',
      'create index city on charging_station (upper(city))',
      'alter table charging_station add constraint named check (name <> $$nobody$$)',
      'create statistics mine.together on city, postal_code from charging_station',
      'alter table ops.ledger replica identity full',
      'create publication theirs for table ops.ledger, charging_station (id_cs, name) where (id_cs > 0)',
      'create table ops.theirs as select 1 as one; create type ops.colour as enum ($$red$$)',
      'create function ops.one() returns int begin atomic select one from ops.theirs; end',
    );
    const describeAll = async () => ({
      relations: await describeRelations([
        'public.charging_station',
        'mine.visit',
        'mine.labelled',
        'ops.theirs',
      ]),
      keys: await column(
        bench.url,
        `select conname || ' ' || pg_get_constraintdef(oid) || convalidated from pg_constraint where conrelid = 'mine.visit'::regclass order by 1`,
      ),
      checks: await column(
        bench.url,
        `select pg_get_constraintdef(oid) from pg_constraint where conname = 'named'`,
      ),
      policies: await query(bench.url, 'select * from pg_policies order by policyname'),
      secured: await column(
        bench.url,
        `select oid::regclass::text from pg_class where relrowsecurity or relreplident = 'f' order by 1`,
      ),
      routines: await query(
        bench.url,
        `select oid::regprocedure::text as name, case when prosqlbody is null then '' else pg_get_function_sqlbody(oid) end as body,
           (select array_agg(entry::text order by entry::text) from unnest(coalesce(proacl, acldefault('f', proowner))) as entry) as acl
         from pg_proc where pronamespace in ('mine'::regnamespace, 'ops'::regnamespace) order by 1`,
      ),
      statistics: await column(bench.url, 'select pg_get_statisticsobjdef(oid) from pg_statistic_ext'),
      published: await query(
        bench.url,
        'select schemaname, tablename, attnames, rowfilter from pg_publication_tables order by 2',
      ),
      enabled: await column(bench.url, `select tgenabled from pg_trigger where tgname = 'seen'`),
      read: await query(
        bench.url,
        'select label, (select count(*) from mine.first()) as first, mine.stations(), ops.one(), $$red$$::ops.colour from mine.labelled',
      ),
    });
    const before = await describeAll();
    for (const name of ['first', 'second']) {
      expect(await rebuild(name)).toEqual([]);
      expect(await describeAll()).toEqual(before);
    }
  });

  it('is listed where it can’t be made anew, with its statement', async () => {
    await query(
      bench.url,
      'create schema mine',
      'alter table charging_station add column colour text',
      'create index colour on charging_station (colour)',
      `create function mine.colours() returns bigint begin atomic select count(colour) from public.charging_station; end`,
      'create table mine.visit (id_cs int, colours bigint default mine.colours())',
    );
    const lost = await rebuild();
    expect(lost).toEqual([
      'index public.colour',
      'routine mine.colours()',
      'column public.charging_station.colour',
      'default value for mine.visit.colours',
    ]);
    expect(
      await column(bench.url, `select count(*)::int from ops.not_recreated where definition is null`),
    ).toEqual([0]);
    expect(
      await column(
        bench.url,
        `select attname from pg_attribute where attrelid = 'mine.visit'::regclass and attnum > 0 order by 1`,
      ),
      'a table keeps its columns',
    ).toEqual(['colours', 'id_cs']);
  });

  it('refuses the rebuild where rows of other people would be destroyed, before anything is changed', async () => {
    await query(
      bench.url,
      'create schema mine',
      'create table mine.kept (station charging_station)',
      'create table mine.child () inherits (charging_station)',
    );
    const refused = bench.warehouse.beginRebuild('first');
    await expect(refused).rejects.toThrow(LoadRefused);
    await expect(refused).rejects.toThrow(/table column mine\.kept\.station.*jsonb/);
    await expect(refused).rejects.toThrow(/table mine\.child.*inheritance/);
    await query(bench.url, 'drop table mine.kept, mine.child');
    await load('first');
    await query(bench.url, 'create table mine.kept as select station from charging_station as station');
    await expect(bench.warehouse.exchange('first')).rejects.toThrow(/mine\.kept\.station/);
    await query(bench.url, 'drop table mine.kept');
    expect(await bench.warehouse.exchange('first')).toEqual([]);
  });
});

it('knows by name every table and view that a migration makes, but for histories, whose names a migration computes', async () => {
  const made = new Set(madeByMigrations());
  const relations = await column(
    bench.url,
    `select relnamespace::regnamespace || '.' || relname from pg_class
     where relnamespace in ('public'::regnamespace, 'ops'::regnamespace, 'observation'::regnamespace)
       and relkind in ('r', 'p', 'v') and not relispartition`,
  );
  expect(relations.length).toBeGreaterThan(30);
  expect(relations.filter((name) => !made.has(name as string) && !/_history$/.test(name as string))).toEqual(
    [],
  );
});
