import pg from 'pg';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { slotsOfDay } from '../../src/domain/day.js';
import { stagingSchema } from '../../src/warehouse/load/staging.js';
import { openReaderLogin } from '../../src/warehouse/postgres/readers.js';
import { query as ask } from '../../src/warehouse/postgres/query.js';
import { DAY, envelope, point, putPoll, slotAt, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, makeBench, newLoad, stepsOf } from './support/loads.js';
import { query } from './support/query.js';
import { holdLock } from './support/sessions.js';

let bench: LoadBench;
let reader: string;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  const slot = slotAt(0);
  await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', [point('11')])]) });
  await loadDay(bench, DAY);
  reader = await openReaderLogin(bench.url);
  return remove;
});

it('readers can read all of it, days that were loaded since included', async () => {
  for (const table of ['status_chargingpoints', 'time', 'connector', 'ops.poll', 'ops.day_revision'])
    expect(await query(reader, `select count(*)::int as rows from ${table}`)).toEqual([{ rows: 1 }]);
});

it.each([
  'insert into public.time values (now(), 1, 1, 1, 1, 1, 1)',
  'update charging_station set name = null',
  'delete from ops.ledger',
  'truncate observation.charging_point_span',
  'drop view status_connectors',
  'create table public.mine (id int)',
  'create table ops.mine (id int)',
  'alter role ladepuls_reader superuser',
])('readers can not %s', async (statement) => {
  await expect(query(reader, statement)).rejects.toThrow(/permission denied|must be owner/);
});

it('"ladepuls sql" is one of them', async () => {
  const { rows } = await ask(reader, 'select session_user', 'UTC');
  expect(rows).toEqual([['ladepuls_reader']]);
  await expect(ask(reader, 'delete from ops.ledger', 'UTC')).rejects.toThrow(/permission denied|read-only/);
});

it('who takes any advisory lock holds up no load', async () => {
  const holder = new pg.Client({ connectionString: reader });
  await holder.connect();
  onTestFinished(() => holder.end());
  const [migration, publication] = [0x6d6967, 0x70756273];
  const load = newLoad(DAY);
  const keys = [stagingSchema(load), 'observation.charging_point_span', 'public', 'ops'];
  await holder.query('select pg_advisory_lock($1), pg_advisory_lock($2)', [migration, publication]);
  await holder.query('select pg_advisory_lock(hashtextextended(key, 0)) from unnest($1::text[]) as key', [
    keys,
  ]);
  await bench.warehouse.migrate();
  for (const step of stepsOf(bench, load)) await step.run();
  const published = `select count(*)::int as n from ops.day_revision where load = '${load.run}'`;
  expect(await query(bench.url, published)).toEqual([{ n: 1 }]);
});

it('a statement that is planned before a day is published for the first time, and executed after, sees all of it', async () => {
  const day = '2022-01-12';
  const [slot = NaN] = slotsOfDay(day, ZONE, 10);
  await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', [point('11')])]) });
  const steps = stepsOf(bench, newLoad(day));
  const publish = steps.pop() ?? expect.fail();
  for (const step of steps) await step.run();
  const held = await holdLock(bench.url, 'select pg_advisory_xact_lock(1)');
  // The planner evaluates an immutable function with constant arguments in a WHERE clause, after it has planned the
  // subqueries.
  const sight = query(
    bench.url,
    `create function pg_temp.after_release() returns boolean language plpgsql immutable as
     $$ begin perform pg_advisory_xact_lock(1); return true; end $$`,
    `select (select count(*)::int from status_chargingpoints where day = '${day}') as facts,
       (select sum(charging_point_facts)::int from ops.ledger where day = '${day}') as counted
     where pg_temp.after_release()`,
  );
  await held.waited();
  await publish.run();
  await held.release();
  expect(await sight).toEqual([{ facts: 1, counted: 1 }]);
});
