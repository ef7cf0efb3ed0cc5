import type { Client } from '@temporalio/client';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { addDays, slotsOfDay } from '../../src/domain/day.js';
import type { Load } from '../../src/warehouse/warehouse.js';
import { describeRebuild } from '../../src/commands/rebuild/rebuild.js';
import { REBUILD } from '../../src/temporal/names.js';
import type { RebuildResult } from '../../src/workflows/rebuildWarehouse.js';
import { DAY, envelope, FEED, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { openTestClient } from '../support/temporal.js';
import { type LoadBench, loadDay, openCopies } from '../warehouse/support/loads.js';
import { column, digest, query } from '../warehouse/support/query.js';
import { digestOfContent, loseAnswers } from '../warehouse/support/rebuild.js';
import { failureOf, startRun } from './support/runs.js';

const DAYS = [0, 1, 2, 3].map((days) => addDays(DAY, days));

let client: Client;
beforeAll(async () => {
  client = await openTestClient();
  return () => client.connection.close();
});

let bench: LoadBench;
let loaded: Record<string, string>;
const openLoaded = openCopies(async (made) => {
  for (const day of DAYS) await put(day, 0, made);
  for (const day of DAYS) await loadDay(made, day);
  loaded = await digest(made.url);
});
beforeEach(async () => {
  bench = await openLoaded();
});

async function put(day: string, index: number, { raw } = bench): Promise<void> {
  const slot = slotsOfDay(day, ZONE, 10)[index] ?? NaN;
  await putPoll(raw, { slot, body: envelope(slot, [station('1', [point('11')], { name: day })]) });
}

const beside = () =>
  column(bench.url, `select nspname from pg_namespace where nspname ~ '^staging_|rebuilt|replaced'`);

it('fills the warehouse anew from raw, also with what is published meanwhile, and tells how far it is', async () => {
  await query(bench.url, `update charging_station set name = 'damaged'`);
  let calls = 0;
  const exchangeWarehouses = async (rebuild: string) => {
    if (calls++ === 0) {
      await put(DAYS[1] ?? '', 1);
      await loadDay(bench, DAYS[1] ?? '');
    }
    return bench.activities.exchangeWarehouses(rebuild);
  };
  const run = await startRun(client, 'rebuildWarehouse', { ...bench.activities, exchangeWarehouses }, {});
  expect(await run.result()).toEqual({ days: 5, broughtOver: [], notRecreated: [], notRecreatedTotal: 0 });
  expect(await run.query(REBUILD.progressQuery)).toEqual({ done: 5, total: 5 });
  expect(await beside()).toEqual([]);
  expect(await column(bench.url, 'select name from charging_station')).toEqual([DAYS.at(-1)]);
  expect(await column(bench.url, 'select count(*)::int from status_chargingpoints')).toEqual([5]);
});

it('leaves archived days in the archive, unless it is told to restore them', async () => {
  await bench.warehouse.archiveDay(DAY, bench.flat);
  const archived = await digest(bench.url);
  const run = await startRun(client, 'rebuildWarehouse', bench.activities, {});
  await run.result();
  expect(await digest(bench.url)).toEqual(archived);
  const again = await startRun(client, 'loadDay', bench.activities, { day: DAY });
  expect(await again.result()).toMatchObject({ day: DAY, isArchived: true, feeds: 0 });
  expect(await digest(bench.url)).toEqual(archived);

  const restoring = await startRun(client, 'rebuildWarehouse', bench.activities, { restore: true });
  await restoring.result();
  expect(await digest(bench.url)).toEqual(loaded);
});

it('takes days from the published warehouse whose answers are gone from raw, and names them', async () => {
  const content = await digestOfContent(bench.url);
  for (const day of DAYS.slice(1, 3)) expect(await loseAnswers(bench, FEED, day)).toBe(1);
  const run = await startRun(client, 'rebuildWarehouse', bench.activities, {});
  expect(await run.result()).toEqual({
    days: 4,
    broughtOver: DAYS.slice(1, 3),
    notRecreated: [],
    notRecreatedTotal: 0,
  });
  expect(await digestOfContent(bench.url)).toEqual(content);
  expect(
    await column(bench.url, `select distinct reason from ops.day_revision where revision = 2 order by 1`),
  ).toEqual(['rebuild', 'rebuild, from the published warehouse']);
});

it('exchanges nothing where days can’t be brought over, and names them all', async () => {
  for (const day of DAYS.slice(1, 3)) await loseAnswers(bench, FEED, day);
  await query(
    bench.url,
    `update ops.ledger set connectors_read = 2, connector_facts = 2 where day = any ('{${DAYS.slice(1, 3).join()}}')`,
  );
  const damaged = await digest(bench.url);
  const refused = await startRun(client, 'rebuildWarehouse', bench.activities, {});
  const { type, message } = await failureOf(refused);
  expect(type).toBe('LoadRefused');
  for (const day of DAYS.slice(1, 3))
    expect(message).toContain(`${day} can't be rebuilt: the raw store lacks answers`);
  expect(message).toContain('koeln has 1 instead of 2 facts');
  expect(await digest(bench.url)).toEqual(damaged);
  expect(await beside()).toEqual([]);
});

it('that can’t be done says why, and leaves everything as it is', async () => {
  await query(
    bench.url,
    'create schema mine',
    'create table mine.names as select station from charging_station as station',
  );
  const refused = await startRun(client, 'rebuildWarehouse', bench.activities, {});
  expect(await failureOf(refused)).toMatchObject({ type: 'LoadRefused', message: /mine\.names\.station/ });
  expect(await digest(bench.url)).toEqual(loaded);
  expect(await beside()).toEqual([]);
});

it('tells what other people had on the replaced tables and it could not make anew', async () => {
  await query(
    bench.url,
    'create schema mine',
    'create view mine.name as select name from charging_station',
    'alter table charging_station add column colour text',
    'create view mine.colour as select colour from charging_station',
  );
  const run = await startRun(client, 'rebuildWarehouse', bench.activities, {});
  const reason = 'column "colour" does not exist';
  const result = (await run.result()) as RebuildResult;
  expect(result).toMatchObject({
    days: 4,
    notRecreated: [
      { kind: 'view', name: 'mine.colour', reason },
      { kind: 'column', name: 'public.charging_station.colour' },
    ],
    notRecreatedTotal: 2,
  });
  expect(describeRebuild(result)).toContain(`  view mine.colour: ${reason}`);
  expect(await column(bench.url, 'select name from mine.name')).toEqual([DAYS.at(-1)]);
  expect(await beside()).toEqual([]);
});

it('that is cancelled leaves everything as it is', async () => {
  const cancelling = { now: () => Promise.resolve() };
  const copyChunk = async (load: Load & { chunk: number }) => {
    await cancelling.now();
    return bench.activities.copyChunk(load);
  };
  const run = await startRun(client, 'rebuildWarehouse', { ...bench.activities, copyChunk }, {});
  cancelling.now = async () => {
    await run.cancel();
  };
  await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(await digest(bench.url)).toEqual(loaded);
  expect(await beside()).toEqual([]);
});
