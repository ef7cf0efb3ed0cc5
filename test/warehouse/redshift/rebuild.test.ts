import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import pg from 'pg';
import { slotsOfDay } from '../../../src/domain/day.js';
import { LoadRefused } from '../../../src/warehouse/warehouse.js';
import { runActivity } from '../../activities/support/runActivity.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../../cleaning/support/polls.js';
import { loadDay, newLoad, stepsOf } from '../support/loads.js';
import { column, digest, query } from '../support/query.js';
import { DAYS, putDays } from './support/days.js';
import {
  ABSENT_HINT,
  emptyRedshift,
  makeRedshiftBench,
  type RedshiftBench,
  whyNoRedshift,
} from './support/bench.js';

describe.skipIf(whyNoRedshift !== null)(`a rebuild on Redshift${ABSENT_HINT}`, { timeout: 120_000 }, () => {
  let bench: RedshiftBench;
  beforeAll(async () => {
    bench = await makeRedshiftBench();
    await putDays(bench.raw);
    return () => bench.remove();
  });
  beforeEach(async () => {
    await emptyRedshift(bench.url);
    for (const day of DAYS) await loadDay(bench, day);
  });
  afterEach(async () => {
    await bench.warehouse.discardRebuild('first');
    await bench.warehouse.dropReplaced();
  });

  async function rebuildDays(days: string[]): Promise<void> {
    for (const day of days)
      for (const step of stepsOf(bench, { ...newLoad(day), isRebuild: true }, 'rebuild')) await step.run();
  }
  const schemas = () =>
    column(
      bench.url,
      `select nspname from pg_namespace where nspname !~ '^(pg_|information_schema|stand_in)' order by nspname`,
    );

  it('fills a warehouse from raw that equals the one that was loaded, also where that one was damaged', async () => {
    const loaded = await digest(bench.url);
    await query(bench.url, `update warehouse.charging_station set name = 'damaged'`);
    const damaged = await digest(bench.url);
    await bench.warehouse.beginRebuild('first');
    await bench.warehouse.beginRebuild('first');
    await rebuildDays(DAYS);
    expect(await digest(bench.url), 'readers keep the old one').toEqual(damaged);
    expect(await bench.warehouse.exchange('first')).toEqual([]);
    expect(await bench.warehouse.exchange('first'), 'a second time changes nothing').toEqual([]);
    expect(await digest(bench.url)).toEqual(loaded);
    await bench.warehouse.dropReplaced();
    await bench.warehouse.dropReplaced();
    expect(await schemas()).toEqual(['config', 'ladepuls', 'ops', 'public', 'warehouse']);
    expect(await digest(bench.url)).toEqual(loaded);
    await loadDay(bench, DAY, 'again');
    expect(
      await query(bench.url, `select revision, reason from ops.day_revision where day = '${DAY}' order by 1`),
    ).toEqual([
      { revision: 1, reason: 'test' },
      { revision: 2, reason: 'rebuild' },
      { revision: 3, reason: 'again' },
    ]);
    expect(await digest(bench.url)).toEqual(loaded);
  });

  it('refuses a day whose answers are gone, and names it', async () => {
    const [slot = NaN] = slotsOfDay(DAY, ZONE, 10);
    const key = await putPoll(bench.raw, {
      slot,
      feed: 'roth',
      body: envelope(slot, [station('9', [point('91')])]),
    });
    await loadDay(bench, DAY);
    await bench.raw.remove(key);
    await bench.warehouse.beginRebuild('first');
    const load = { ...newLoad(DAY), isRebuild: true };
    expect(await runActivity(bench.activities.openLoad, load)).toMatchObject({ lost: 'roth', chunks: 0 });
    const refused = runActivity(bench.activities.bringOver, { ...load, reason: 'rebuild' });
    await expect(refused).rejects.toThrow(`${DAY} can't be rebuilt: the raw store lacks answers of this day`);
    await runActivity(bench.activities.discardLoad, load);
  });

  it('is not exchanged before it has the days that were published meanwhile', async () => {
    await bench.warehouse.beginRebuild('first');
    await rebuildDays(DAYS);
    const slot = (slotsOfDay(DAY, ZONE, 10)[9] ?? NaN) + 0;
    await putPoll(bench.raw, { slot, body: envelope(slot, [station('7', [point('71')])]) });
    await loadDay(bench, DAY);
    const loaded = await digest(bench.url);
    expect(await bench.warehouse.exchange('first')).toEqual([DAY]);
    expect(await digest(bench.url)).toEqual(loaded);
    await rebuildDays([DAY]);
    expect(await bench.warehouse.exchange('first')).toEqual([]);
    expect(await digest(bench.url)).toEqual(loaded);
  });

  it('that failed leaves nothing, and the next one begins anew', async () => {
    await bench.warehouse.beginRebuild('first');
    await rebuildDays([DAY]);
    await bench.warehouse.discardRebuild('second');
    expect(await schemas()).toContain('rebuilt');
    await bench.warehouse.beginRebuild('second');
    expect(await column(bench.url, 'select count(*)::int from rebuilt_ops.ledger')).toEqual([0]);
    await bench.warehouse.discardRebuild('second');
    expect(await schemas()).toEqual(['config', 'ladepuls', 'ops', 'public', 'warehouse']);
  });

  it('is refused where a view of others is bound to its tables, which it names; late-binding ones go on', async () => {
    const url = bench.standIn.url.replace('redshift:', 'postgres:');
    await query(
      bench.url,
      'create schema mine',
      'create view mine.names as select name from warehouse.charging_station',
    );
    const refused = bench.warehouse.beginRebuild('first');
    await expect(refused).rejects.toThrow(LoadRefused);
    await expect(refused).rejects.toThrow('mine.names');
    await query(bench.url, 'drop view mine.names');
    await query(
      url,
      'create view mine.names as select name from warehouse.charging_station with no schema binding',
    );
    await bench.warehouse.beginRebuild('first');
    await rebuildDays(DAYS);
    await bench.warehouse.exchange('first');
    await bench.warehouse.dropReplaced();
    expect((await column(bench.url, 'select name from mine.names')).length).toBeGreaterThan(1);
    await query(bench.url, 'drop schema mine cascade');
  });

  it('is not exchanged while somebody reads for long what it would replace, who reads on', async () => {
    await bench.warehouse.beginRebuild('first');
    await rebuildDays(DAYS);
    const reader = new pg.Client({ connectionString: bench.url });
    await reader.connect();
    try {
      await reader.query('begin isolation level repeatable read');
      const before = await reader.query('select * from ops.ledger');
      expect(await bench.warehouse.exchange('first')).toEqual([]);
      const dropping = bench.warehouse.dropReplaced();
      await expect(dropping).rejects.toThrow('statement timeout');
      expect(before.rowCount).toBe(6);
    } finally {
      await reader.end();
    }
    await bench.warehouse.dropReplaced();
  });
});
