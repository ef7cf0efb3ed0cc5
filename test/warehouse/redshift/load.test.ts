import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gunzipSync, gzipSync } from 'node:zlib';
import { flatKey, getPlan } from '../../../src/stores/flat.js';
import type { Load } from '../../../src/warehouse/warehouse.js';
import { DAY, ZONE } from '../../cleaning/support/polls.js';
import { isInSample, isLong } from '../../support/sample.js';
import { loadDay, newLoad, stepsOf } from '../support/loads.js';
import { column, digest, query } from '../support/query.js';
import { holdLock, killConnections } from '../support/sessions.js';
import { DAYS, putDays } from './support/days.js';
import {
  ABSENT_HINT,
  emptyRedshift,
  makeRedshiftBench,
  type RedshiftBench,
  whyNoRedshift,
} from './support/bench.js';

describe.skipIf(whyNoRedshift !== null)(`a load into Redshift${ABSENT_HINT}`, { timeout: 240_000 }, () => {
  let bench: RedshiftBench;
  beforeAll(async () => {
    bench = await makeRedshiftBench({ isOnS3: true });
    await putDays(bench.raw);
    return () => bench.remove();
  });
  beforeEach(async () => {
    bench.standIn.onStatement = null;
    await emptyRedshift(bench.url);
  });

  it('publishes the days, their histories and what became of every answer', async () => {
    const publications = [];
    for (const day of DAYS) publications.push(await loadDay(bench, day));
    expect(publications.map(({ revision, polls }) => [revision, polls])).toEqual([
      [1, 48],
      [1, 48],
      [1, 48],
    ]);
    const names = await query(
      bench.url,
      'select name, is_current, changed from charging_station_history where id_cs = 1 order by valid_from',
    );
    expect(names).toEqual([
      { name: 'Säule "A", links', is_current: false, changed: null },
      { name: 'Säule B', is_current: true, changed: 'name' },
    ]);
    const retired = 'select id_cp from charging_point where retired_at is not null order by 1';
    expect(await column(bench.url, retired)).toEqual(['20', '21']);
    const hours = await column(
      bench.url,
      `select distinct opening_hours from charging_station where id_cs = 1`,
    );
    expect(hours).toEqual([[{ weekday: 1, begin: '08:00', end: '18:00' }]]);
    const outcomes = await query(
      bench.url,
      'select outcome, count(*)::int as slots from slot_outcome group by 1 order by 1',
    );
    expect(outcomes).toEqual([{ outcome: 'stored', slots: 144 }]);
  });

  it('is the same when it is loaded again, with one more revision', async () => {
    for (const day of DAYS) await loadDay(bench, day);
    const before = await digest(bench.url);
    for (const day of [...DAYS].reverse()) expect((await loadDay(bench, day)).revision).toBe(2);
    expect(await digest(bench.url)).toEqual(before);
  });

  it('goes on when its connections break before any of its statements', { timeout: 600_000 }, async () => {
    await loadDay(bench, DAYS[0] ?? '');
    await loadDay(bench, DAYS[1] ?? '');
    const expected = await digest(bench.url);
    await emptyRedshift(bench.url);
    await loadDay(bench, DAYS[0] ?? '');
    let kills = 0;
    for (const step of stepsOf(bench, newLoad(DAYS[1] ?? ''))) {
      if (step.name === 'clean' || step.name === 'exclude') await step.run();
      else kills += await runKilled(bench, step.run);
    }
    expect(kills).toBeGreaterThan(isLong ? 200 : 15); // else hardly anything was tried
    expect(await digest(bench.url)).toEqual(expected);
    expect(
      await column(bench.url, `select nspname from pg_namespace where nspname like 'staging_%'`),
    ).toEqual([]);
  });

  it('is refused where COPY loads fewer rows than the manifest says', async () => {
    const load = newLoad(DAY);
    const steps = stepsOf(bench, load);
    for (const step of steps.slice(0, 5)) await step.run();
    const { chunks, key } = await firstFacts(bench, load);
    const lines = gunzipSync(await bench.flat.get(key))
      .toString()
      .split('\n');
    await bench.flat.put(key, gzipSync(lines.filter((_, line) => line !== 2).join('\n')));
    const copying = bench.warehouse.copyChunk(load, 0, chunks.flat(), bench.flat);
    await expect(copying).rejects.toThrow(
      /loaded (\d+) rows of [\d-]+, but the flat files that it lists should have/,
    );
    expect(await column(bench.url, 'select count(*)::int from ops.day_revision')).toEqual([0]);
  });

  it('is refused where a row comes twice, for nothing enforces keys', async () => {
    const load = newLoad(DAY);
    const steps = stepsOf(bench, load);
    for (const step of steps.slice(0, 5)) await step.run();
    const { key } = await firstFacts(bench, load);
    const lines = gunzipSync(await bench.flat.get(key))
      .toString()
      .split('\n');
    await bench.flat.put(key, gzipSync(lines.map((text, line) => (line === 2 ? lines[1] : text)).join('\n')));
    for (const step of steps.slice(5, 7)) await step.run();
    await expect(bench.warehouse.check(load, { refusesSevere: false, timeZone: ZONE })).rejects.toThrow(
      'each entity has at most one fact in a slot',
    );
  });

  it('is refused where a sum of the ledger does not add up', async () => {
    const load = newLoad(DAY);
    for (const step of stepsOf(bench, load).slice(0, 7)) await step.run();
    const [schema] = await column(
      bench.url,
      `select nspname from pg_namespace where nspname like 'staging_%'`,
    );
    await query(
      bench.url,
      `update ${String(schema)}.new_ledger set parsed = parsed + 1 where feed = 'koeln'`,
    );
    await expect(bench.warehouse.check(load, { refusesSevere: false, timeZone: ZONE })).rejects.toThrow(
      'bodies = parsed + unreadable + surplus + excluded',
    );
  });

  it('waits for another publication, and sees what that one has published', async () => {
    const [first, second] = [newLoad(DAY), newLoad(DAY)];
    for (const load of [first, second]) for (const step of stepsOf(bench, load).slice(0, 8)) await step.run();
    const lock = await holdLock(bench.url, 'lock table ladepuls.publication_lock');
    const publishing = Promise.all(
      [first, second].map((load) =>
        bench.warehouse.publish(load, {
          timeZone: ZONE,
          bridgedSlots: 2,
          refusesSevere: false,
          reason: 'test',
          verify: () => Promise.resolve(new Map()),
        }),
      ),
    );
    await lock.waited();
    expect(await column(bench.url, 'select count(*)::int from ops.day_revision')).toEqual([0]);
    await lock.release();
    const revisions = (await publishing).map(({ revision }) => revision);
    expect(revisions.sort()).toEqual([1, 2]);
    expect(
      await column(bench.url, 'select count(*) = count(distinct id_status_cp) from status_chargingpoints'),
    ).toEqual([true]);
  });
});

/**
 * Number of tries of a step that fails only because of connections that an earlier try left broken. Temporal would
 * retry forever.
 */
const TRIES = 20;

/**
 * Run a step until it succeeds. In each try, break its connections at a later statement of the run's sample. Return the
 * number of tries whose connections were broken.
 */
async function runKilled(bench: RedshiftBench, run: () => Promise<unknown>): Promise<number> {
  let left = TRIES;
  let kills = 0;
  for (let next = 0; ;) {
    while (!isInSample(next)) next++;
    const tried: { statements: number; killing?: Promise<void> } = { statements: 0 };
    bench.standIn.onStatement = async () => {
      if (tried.killing || tried.statements++ < next) return;
      tried.killing = killConnections(bench.url);
      await tried.killing;
    };
    const failure: unknown = await run().then(
      () => null,
      (error: unknown) => error,
    );
    bench.standIn.onStatement = null;
    // The step fails as soon as its own connection is broken. Wait until all are broken, so that the next try gets none
    // of them.
    await tried.killing;
    if (tried.killing) {
      kills++;
      next++;
    } else if (failure === null) return kills;
    else if (left-- === 0) throw failure as Error;
  }
}

/** Return the load's chunks, and the key of the first flat file of charging points' status spans that is copied. */
async function firstFacts({ flat }: RedshiftBench, { day, run }: Load) {
  const { chunks } = await getPlan(flat, day, run);
  const [slice] = chunks.flat();
  return { chunks, key: flatKey({ feed: '', ...slice, day, load: run }, 'charging_point_status_span') };
}
