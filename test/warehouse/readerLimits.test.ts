import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { READER_CONNECTIONS, RESERVED_FOR_OWNER } from '../../src/domain/connections.js';
import { openPostgresQueries } from '../../src/warehouse/postgres/queries.js';
import { query as ask } from '../../src/warehouse/postgres/query.js';
import { openReaderLogin } from '../../src/warehouse/postgres/readers.js';
import { openPostgresWarehouse } from '../../src/warehouse/postgres/warehouse.js';
import { DAY, envelope, point, putPoll, slotAt, station } from '../cleaning/support/polls.js';
import { makeStores } from '../cleaning/support/stores.js';
import { newHome, removeHomes, supervise } from '../local/support/supervised.js';
import { benchOf, type LoadBench, loadDay, newLoad, stepsOf } from './support/loads.js';
import { column, query } from './support/query.js';

const LIMITS = { statementTimeoutMs: 900_000, idleTimeoutMs: 600_000 };

let home: string;
let bench: LoadBench;
let reader: string;
let polls = 0;
// These tests have a server of their own, because limits of roles apply to all databases of a server.
beforeAll(async () => {
  home = newHome();
  const server = supervise({ home, components: ['postgres'] });
  const { postgresUrl } = await server.addresses();
  const warehouse = openPostgresWarehouse(postgresUrl, LIMITS);
  await warehouse.migrate();
  const stores = makeStores();
  bench = benchOf(postgresUrl, warehouse, stores);
  await addPoll();
  await loadDay(bench, DAY);
  reader = await openReaderLogin(postgresUrl);
  return async () => {
    await warehouse.close();
    stores.remove();
    server.kill('SIGTERM');
    await server.exited();
    await removeHomes();
  };
});

async function addPoll(): Promise<void> {
  const slot = slotAt(polls++);
  await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', [point('11')])]) });
}

async function superuserUrl(): Promise<string> {
  const { superuserPassword } = JSON.parse(await readFile(join(home, 'postgres.json'), 'utf8')) as {
    superuserPassword: string;
  };
  return Object.assign(new URL(bench.url), { username: 'postgres', password: superuserPassword }).href;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

it('accounts that are members of the readers’ role get its limits, but for what somebody has set', async () => {
  const roles = `create role team in role ladepuls_reader;
    create role "An Analyst" login password 'a' in role ladepuls_reader;
    create role indirect login in role team;
    create role chief login connection limit 3 in role ladepuls_reader;
    alter role chief set statement_timeout = '2h';
    create role stranger login`;
  for (const statement of roles.split(';')) await query(bench.url, statement);
  onTestFinished(async () => {
    const database = new URL(bench.url).pathname.slice(1);
    const settings = [
      'statement_timeout',
      'idle_in_transaction_session_timeout',
      'default_transaction_read_only',
    ];
    for (const name of ['"An Analyst"', 'indirect', 'chief', 'stranger', 'team']) {
      for (const setting of settings)
        await query(bench.url, `alter role ${name} in database ${database} reset ${setting}`);
      await query(bench.url, `drop role ${name}`);
    }
  });
  for (let times = 0; times < 2; times++) await bench.warehouse.migrate();
  const limits = `select rolname || ' ' || rolconnlimit from pg_roles
    where rolname in ('An Analyst', 'indirect', 'chief', 'stranger', 'team', current_user) and rolconnlimit >= 0 order by 1`;
  expect(await column(bench.url, limits)).toEqual([
    `An Analyst ${READER_CONNECTIONS}`,
    'chief 3',
    `indirect ${READER_CONNECTIONS}`,
  ]);
  const settings = `select rolname || ' ' || string_agg(setting, ' ' order by setting)
    from pg_db_role_setting join pg_roles role on role.oid = setrole, unnest(setconfig) setting
    where rolname in ('An Analyst', 'chief', 'stranger', current_user) group by rolname order by rolname`;
  const common = 'default_transaction_read_only=on idle_in_transaction_session_timeout=600000';
  expect(await column(bench.url, settings)).toEqual([
    `An Analyst ${common} statement_timeout=900000`,
    `chief ${common} statement_timeout=2h`,
  ]);
  await query(await superuserUrl(), `alter role chief set temp_file_limit = '9GB'`);
  await query(await superuserUrl(), await readFile('sql/postgres/readers/superuser.sql', 'utf8'));
  const disk = `select rolname || ' ' || setting from pg_db_role_setting join pg_roles role on role.oid = setrole,
    unnest(setconfig) setting where setting like 'temp%' order by 1`;
  expect(await column(bench.url, disk)).toEqual([
    'An Analyst temp_file_limit=5GB',
    'chief temp_file_limit=9GB',
    'indirect temp_file_limit=5GB',
    'ladepuls_reader temp_file_limit=5GB',
    'team temp_file_limit=5GB',
  ]);
  const analyst = Object.assign(new URL(bench.url), { username: 'An Analyst', password: 'a' }).href;
  const { rows } = await (await connect(analyst)).query('show statement_timeout');
  expect(rows).toEqual([{ statement_timeout: '15min' }]);
});

describe('while as many readers as there may be are busy', () => {
  beforeEach(async () => {
    const readers: pg.Client[] = [];
    for (let number = 0; number < READER_CONNECTIONS; number++) readers.push(await connect(reader));
    for (const busy of readers) {
      await busy.query('begin');
      await busy.query('select count(*) from status_connectors');
    }
  });

  it('one more reader is refused, and the owner still connects and publishes', async () => {
    await expect(connect(reader)).rejects.toThrow('too many connections for role "ladepuls_reader"');
    for (let number = 0; number < RESERVED_FOR_OWNER; number++) await connect(bench.url);
    await addPoll();
    expect(await loadDay(bench, DAY)).toMatchObject({ chargingPointFacts: polls });
    const queries = openPostgresQueries(bench.url, { connections: 8, timeoutMs: 10_000, bridgedSlots: 2 });
    onTestFinished(() => queries.close());
    expect(await queries.state()).toMatchObject([{ loaded: DAY }]);
  });

  it('other roles get no connection of those that are the owner’s', async () => {
    await query(bench.url, `create role guest login password 'guest'`);
    onTestFinished(() => query(bench.url, 'drop role guest').then(() => undefined));
    const guest = Object.assign(new URL(bench.url), { username: 'guest', password: 'guest' }).href;
    const guests = async () => {
      for (;;) await connect(guest);
    };
    await expect(guests()).rejects.toThrow('remaining connection slots are reserved');
    for (let number = 0; number < RESERVED_FOR_OWNER; number++) await connect(bench.url);
  });
});

describe('a reader', () => {
  it.each([
    'create temp table mine (id int)',
    'create temp view mine as select 1',
    'create table public.mine (id int)',
    'create schema mine',
    'select lo_create(0)',
    'select lo_creat(-1)',
    `select lo_from_bytea(0, 'x')`,
    'select pg_advisory_lock(1)',
    'select pg_advisory_xact_lock(1, 2)',
    'select pg_try_advisory_lock_shared(1)',
    'lock table ladepuls_locks.publication in exclusive mode',
    'lock table ops.poll in share mode',
    'select from ops.poll for update',
    `copy (select 1) to program 'true'`,
    'set role ladepuls',
    `select set_config('role', 'ladepuls', false)`,
    'set session authorization ladepuls',
    'set temp_file_limit = -1',
    'alter role ladepuls_reader set temp_file_limit = -1',
    'alter role ladepuls_reader connection limit -1',
  ])('can not %s', async (statement) => {
    // Like a hostile reader, the client overrides all settings that are only defaults.
    const client = await connect(reader);
    await client.query('begin read write');
    await expect(client.query(statement)).rejects.toThrow(/permission denied|cannot set/);
  });

  it('fills no disk by sorting, and can not lift that limit', async () => {
    await query(reader, 'begin read write', 'alter role ladepuls_reader reset all', 'commit');
    expect(await column(reader, 'show temp_file_limit')).toEqual(['5GB']);
    expect(await column(bench.url, 'show temp_file_limit')).toEqual(['-1']);
  });

  it.each(['postgres', 'template1'])('does not reach the database "%s"', async (name) => {
    const url = Object.assign(new URL(reader), { pathname: name }).href;
    await expect(connect(url)).rejects.toThrow('permission denied for database');
  });

  it('delays neither a publication nor a migration by any lock that he may take', async () => {
    const holder = await connect(reader);
    await holder.query('begin');
    for (const lock of ['migration', 'publication', 'opening'])
      await holder.query(`lock table ladepuls_locks.${lock} in access share mode`);
    await holder.query('select count(*) from status_connectors');
    await bench.warehouse.migrate();
    await addPoll();
    const load = newLoad(DAY);
    for (const step of stepsOf(bench, load)) await step.run();
    expect(
      await column(bench.url, `select count(*)::int from ops.day_revision where load = '${load.run}'`),
    ).toEqual([1]);
  });

  it('leaves his role by no query of "ladepuls sql", which refuses to log in as one who may write', async () => {
    const { rows } = await ask(reader, 'select current_user, session_user', 'UTC');
    expect(rows).toEqual([['ladepuls_reader', 'ladepuls_reader']]);
    for (const role of ['ladepuls', 'none', 'postgres']) {
      const leaving = ask(
        reader,
        `select set_config('role', '${role}', false), pg_has_role('ladepuls', 'member') as is_owner`,
        'UTC',
      );
      if (role === 'none') expect((await leaving).rows).toEqual([['none', false]]);
      else await expect(leaving).rejects.toThrow('permission denied to set role');
    }
    await expect(ask(bench.url, 'select 1', 'UTC')).rejects.toThrow(
      'the role "ladepuls" may write to the warehouse',
    );
  });

  it('who changed the password shuts nobody out for longer than until it is asked for', async () => {
    await query(
      reader,
      'set default_transaction_read_only = off',
      `alter role ladepuls_reader password 'mine'`,
    );
    await expect(connect(reader)).rejects.toThrow('password authentication failed');
    // Several calls run at once, as several commands may.
    const opened = await Promise.all(Array.from({ length: 5 }, () => openReaderLogin(bench.url)));
    expect(new Set(opened)).toEqual(new Set([reader]));
    await connect(reader);
  });
});

describe('the times of readers', () => {
  const times = async () => {
    const client = await connect(reader);
    const { rows } = await client.query<Record<string, string>>(
      `select current_setting('statement_timeout') as statement,
         current_setting('idle_in_transaction_session_timeout') as idle`,
    );
    return rows[0];
  };

  it('are what the settings say', async () => {
    expect(await times()).toEqual({ statement: '15min', idle: '10min' });
    expect(await column(bench.url, 'show statement_timeout')).toEqual(['0']);
  });

  it('hold from the next start on where they were changed, or a reader has changed them', async () => {
    const quick = openPostgresWarehouse(bench.url, { statementTimeoutMs: 50, idleTimeoutMs: 60 });
    onTestFinished(async () => {
      await quick.close();
      await bench.warehouse.migrate();
      expect(await times()).toEqual({ statement: '15min', idle: '10min' });
    });
    await quick.migrate();
    expect(await times()).toEqual({ statement: '50ms', idle: '60ms' });
    await expect(ask(reader, 'select pg_sleep(60)', 'UTC')).rejects.toThrow(
      'canceling statement due to statement timeout. LADEPULS_READER_STATEMENT_TIMEOUT sets',
    );
    const idle = await connect(reader);
    const ended = new Promise<Error>((resolve) => idle.on('error', resolve));
    await idle.query('begin');
    expect((await ended).message).toMatch(/idle-in-transaction timeout|terminated unexpectedly/);

    await query(
      reader,
      'set default_transaction_read_only = off',
      'alter role ladepuls_reader in database ladepuls set statement_timeout = 0',
      'alter role ladepuls_reader set statement_timeout = 0',
    );
    expect(await times()).toEqual({ statement: '0', idle: '60ms' });
    await quick.migrate();
    expect(await times()).toEqual({ statement: '50ms', idle: '60ms' });
  });
});

it('readers of a Postgres of one’s own have the same limits where its owner may set them', async () => {
  const superuser = new URL(await superuserUrl());
  await query(superuser.href, 'create database outside');
  const outside = (url: string | URL) => Object.assign(new URL(url), { pathname: 'outside' }).href;
  const warehouse = openPostgresWarehouse(outside(superuser), {
    statementTimeoutMs: 30_000,
    idleTimeoutMs: 1_000,
  });
  onTestFinished(() => warehouse.close());
  await warehouse.migrate();
  for (const forbidden of ['create temp table mine ()', 'select lo_creat(-1)', 'select pg_advisory_lock(1)'])
    await expect(query(outside(reader), 'begin read write', forbidden)).rejects.toThrow('permission denied');
  expect(await column(outside(reader), 'show statement_timeout')).toEqual(['30s']);
  expect(await column(reader, 'show statement_timeout')).toEqual(['15min']);
  expect(await column(outside(superuser), 'select pg_try_advisory_lock(1)')).toEqual([true]);
});

it('readers may dump all that they see', async () => {
  const client = await connect(reader);
  const tables = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  await client.query('begin');
  for (const { name } of tables.rows) await client.query(`lock table ${name} in access share mode`);
});
