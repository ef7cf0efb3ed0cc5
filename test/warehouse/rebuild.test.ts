import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addDays, slotsOfDay } from '../../src/domain/day.js';
import { syncDecisions } from '../../src/warehouse/syncDecisions.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, newLoad, openCopies, stepsOf } from './support/loads.js';
import { column, digest, query } from './support/query.js';

const DAYS = [DAY, addDays(DAY, 1), addDays(DAY, 2)];

/** Open a bench with three loaded days. The name of the station changes from day to day. */
const loadedBench = openCopies(async (bench) => {
  for (const [number, day] of DAYS.entries()) {
    const slots = slotsOfDay(day, ZONE, 10).slice(0, 3);
    for (const slot of slots) {
      const stations = [station('1', [point('11', 'CHARGING')], { name: `Name ${number}` })];
      await putPoll(bench.raw, { slot, body: envelope(slot, stations) });
    }
    await loadDay(bench, day);
  }
});

async function rebuildDays(bench: LoadBench, days: string[]): Promise<void> {
  for (const day of days)
    for (const step of stepsOf(bench, { ...newLoad(day), isRebuild: true }, 'rebuild')) await step.run();
}

const warehouseSchemas = (url: string) =>
  column(
    url,
    `select nspname from pg_namespace where nspname !~ '^(pg_|information_schema|ladepuls_locks)' order by nspname`,
  );

it('fills a warehouse from raw that equals the one that was loaded, also where that one was damaged', async () => {
  const bench = await loadedBench();
  const loaded = await digest(bench.url);
  await query(
    bench.url,
    `update charging_station set name = 'damaged'`,
    `delete from ops.charging_point_content_span`,
    `update config.status_group set is_charging = true where status = 'BLOCKED'`,
    `delete from config.status_group where status = 'UNKNOWN'`,
  );
  const decided = await query(bench.url, 'select * from config.status_group order by status');
  const keep = () => syncDecisions({ url: bench.url, raw: bench.raw, nowMs: Date.now(), isThorough: true });
  expect(await keep()).toMatchObject([{ table: 'status_group', did: 'copied' }]);
  const damaged = await digest(bench.url);
  expect(damaged).not.toEqual(loaded);

  await bench.warehouse.beginRebuild('first');
  await bench.warehouse.beginRebuild('first');
  await rebuildDays(bench, DAYS);
  expect(await digest(bench.url), 'readers keep the old one').toEqual(damaged);

  expect(await bench.warehouse.exchange('first')).toEqual([]);
  expect(await bench.warehouse.exchange('first'), 'a second time changes nothing').toEqual([]);
  expect(await digest(bench.url)).toEqual(loaded);
  const kept = await query(bench.url, 'select * from config.status_group order by status');
  expect(kept, 'what people decide stays').toEqual(decided);
  expect(await keep(), 'and is known to be copied').toEqual([]);
  await bench.warehouse.dropReplaced();
  await bench.warehouse.dropReplaced();
  expect(await warehouseSchemas(bench.url)).toEqual(['config', 'observation', 'ops', 'public']);
  expect(await digest(bench.url)).toEqual(loaded);
});

it('goes on with the revisions of days, and days are loaded into it as before', async () => {
  const bench = await loadedBench();
  await bench.warehouse.beginRebuild('first');
  await rebuildDays(bench, DAYS);
  await bench.warehouse.exchange('first');
  const loaded = await digest(bench.url);
  await loadDay(bench, DAY, 'again');
  expect(
    await query(bench.url, `select revision, reason from ops.day_revision where day = '${DAY}' order by 1`),
  ).toEqual([
    { revision: 1, reason: 'test' },
    { revision: 2, reason: 'rebuild' },
    { revision: 3, reason: 'again' },
  ]);
  expect(await digest(bench.url)).toEqual(loaded);
  await bench.warehouse.migrate();
});

it('is not exchanged before it has the days that were published meanwhile', async () => {
  const bench = await loadedBench();
  await bench.warehouse.beginRebuild('first');
  await rebuildDays(bench, DAYS);
  const slot = slotsOfDay(DAY, ZONE, 10)[9] ?? NaN;
  await putPoll(bench.raw, { slot, body: envelope(slot, [station('2', [point('21')])]) });
  await loadDay(bench, DAY);
  const loaded = await digest(bench.url);
  expect(await bench.warehouse.exchange('first')).toEqual([DAY]);
  expect(await digest(bench.url)).toEqual(loaded);
  await rebuildDays(bench, [DAY]);
  expect(await bench.warehouse.exchange('first')).toEqual([]);
  expect(await digest(bench.url)).toEqual(loaded);
});

it('lets a reader go on with what its transaction has read, and waits with dropping it', async () => {
  const bench = await loadedBench();
  await bench.warehouse.beginRebuild('first');
  await rebuildDays(bench, DAYS);
  const reader = new pg.Client({ connectionString: bench.url });
  onTestFinished(() => reader.end());
  await reader.connect();
  await reader.query('begin isolation level repeatable read');
  const count = async () =>
    (await reader.query<{ n: number }>('select count(*)::int as n from ops.ledger')).rows[0]?.n;
  expect(await count()).toBe(3);
  await query(bench.url, 'delete from ops.ledger');
  // The reader has read a table of `ops`. That table moves together with its schema, which waits for no reader.
  expect(await bench.warehouse.exchange('first')).toEqual([]);
  expect(await column(bench.url, 'select count(*)::int from ops.ledger')).toEqual([3]);
  await expect(bench.warehouse.dropReplaced()).rejects.toThrow('lock timeout');
  await reader.query('commit');
  await bench.warehouse.dropReplaced();
  expect(await count()).toBe(3);
});

it('waits for readers of the tables that are exchanged, and keeps no other reader waiting for a second', async () => {
  const bench = await loadedBench();
  await bench.warehouse.beginRebuild('first');
  await rebuildDays(bench, DAYS);
  const reader = new pg.Client({ connectionString: bench.url });
  onTestFinished(() => reader.end());
  await reader.connect();
  await reader.query('begin; select from charging_station');
  const refused = expect(bench.warehouse.exchange('first')).rejects.toThrow('lock timeout');
  const startedMs = performance.now();
  while (performance.now() - startedMs < 700) {
    const askedMs = performance.now();
    await query(bench.url, 'select from charging_station');
    expect(performance.now() - askedMs).toBeLessThan(1_000);
  }
  await refused;
  await reader.query('commit');
  expect(await bench.warehouse.exchange('first')).toEqual([]);
});

describe('a rebuild', () => {
  it('that failed leaves nothing, and the next one begins anew', async () => {
    const bench = await loadedBench();
    await bench.warehouse.beginRebuild('first');
    await rebuildDays(bench, DAYS);
    await bench.warehouse.discardRebuild('second');
    expect(await warehouseSchemas(bench.url)).toContain('rebuilt');
    await bench.warehouse.beginRebuild('second');
    expect(await column(bench.url, 'select count(*)::int from rebuilt_ops.ledger')).toEqual([0]);
    await bench.warehouse.discardRebuild('second');
    expect(await warehouseSchemas(bench.url)).toEqual(['config', 'observation', 'ops', 'public']);
  });

  it('leaves tables of other people alone', async () => {
    const bench = await loadedBench();
    await query(bench.url, 'create table public.notes as select 1 as note');
    await bench.warehouse.beginRebuild('first');
    await rebuildDays(bench, DAYS);
    await bench.warehouse.exchange('first');
    await bench.warehouse.dropReplaced();
    expect(await column(bench.url, 'select note from notes')).toEqual([1]);
  });
});
