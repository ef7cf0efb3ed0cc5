import { beforeAll, expect, it } from 'vitest';
import { openReaderLogin } from '../../src/warehouse/postgres/readers.js';
import { query as ask } from '../../src/warehouse/postgres/query.js';
import { DAY, envelope, point, putPoll, slotAt, station } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, makeBench } from './support/loads.js';
import { query } from './support/query.js';

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
  'truncate observation.charging_point_20220111',
  'drop view status_connectors',
  'create table public.mine (id int)',
  'create table ops.mine (id int)',
  'alter role ladepuls_reader superuser',
])('readers can not %s', async (statement) => {
  await expect(query(reader, statement)).rejects.toThrow(/permission denied|must be owner/);
});

it('"ladepuls sql" reads as they do, though it connects as the owner', async () => {
  const { rows } = await ask(bench.url, 'select current_user', 'UTC');
  expect(rows).toEqual([['ladepuls_reader']]);
  await expect(ask(bench.url, 'delete from ops.ledger', 'UTC')).rejects.toThrow(
    /permission denied|read-only/,
  );
});
