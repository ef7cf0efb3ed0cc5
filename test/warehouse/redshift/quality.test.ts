import { beforeAll, describe, expect, it } from 'vitest';
import { dayBounds } from '../../../src/domain/day.js';
import type { Load } from '../../../src/warehouse/warehouse.js';
import { DAY, ZONE } from '../../cleaning/support/polls.js';
import { temporaryStores } from '../../cleaning/support/stores.js';
import { itHoldsRules, pollBroken } from '../../quality/rules.suite.js';
import { loadDay, type LoadBench, newLoad, openInOneChunk, stepsOf } from '../support/loads.js';
import { query } from '../support/query.js';
import { DAYS, putDays } from './support/days.js';
import {
  ABSENT_HINT,
  makeRedshiftBench,
  type RedshiftBench,
  reopenRedshift,
  whyNoRedshift,
} from './support/bench.js';

/** Return the published quality results as JSON texts. */
async function qualityOf(url: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of ['public.quality', 'ops.quality', 'ops.quality_finding', 'ops.quality_rule']) {
    const rows = await query(url, `select * from ${table}`);
    expect(rows.length, table).toBeGreaterThan(0);
    found.push(...rows.map((row) => `${table} ${JSON.stringify(row)}`));
  }
  return found.sort();
}

describe.skipIf(whyNoRedshift !== null)(`quality on Redshift${ABSENT_HINT}`, { timeout: 240_000 }, () => {
  let bench: RedshiftBench;
  let redshift: LoadBench;
  let postgres: LoadBench;
  beforeAll(async () => {
    bench = await makeRedshiftBench();
    return () => bench.remove();
  });

  /** Open both warehouses, emptied, with a common raw store. */
  async function openBoth(): Promise<void> {
    redshift = await reopenRedshift(bench)();
    postgres = await openInOneChunk({ ...temporaryStores(), raw: redshift.raw });
  }
  async function inBoth(load: (into: LoadBench) => Promise<unknown>): Promise<string[]> {
    for (const into of [postgres, redshift]) await load(into);
    const expected = await qualityOf(postgres.url);
    expect(await qualityOf(redshift.url)).toEqual(expected);
    return expected;
  }

  itHoldsRules((stores) => reopenRedshift(bench)(stores));

  it('is row for row what Postgres finds, day by day; rules that are as they were are not written again', async () => {
    await openBoth();
    await putDays(redshift.raw);
    for (const day of DAYS) await inBoth((into) => loadDay(into, day));
    const rules = 'select xmin from ops.quality_rule';
    const before = await query(redshift.url, rules);
    await loadDay(redshift, DAY);
    expect(await query(redshift.url, rules)).toEqual(before);
  });

  it('is so of broken feeds, of a day under way, loaded again, and without its facts, which are archived', async () => {
    await openBoth();
    await pollBroken(redshift);
    const { start, end } = dayBounds(DAY, ZONE);
    const noon = start + 12 * 3_600_000;
    const load =
      (how: Partial<Load> = {}) =>
      async (into: LoadBench) => {
        for (const step of stepsOf(into, { ...newLoad(DAY), ...how })) await step.run();
      };
    await inBoth(load({ window: { from: start, to: noon } }));
    const whole = await inBoth(load({ window: { from: noon, to: end }, addsTo: 1 }));
    expect(await inBoth(load())).toEqual(whole);

    await redshift.warehouse.archiveDay(DAY, redshift.flat);
    await load({ withoutFacts: true })(redshift);
    expect(await qualityOf(redshift.url)).toEqual(whole);
    await redshift.warehouse.beginRebuild('quality');
    await load({ withoutFacts: true, isRebuild: true })(redshift);
    expect(await redshift.warehouse.exchange('quality')).toEqual([]);
    await redshift.warehouse.dropReplaced();
    expect(await qualityOf(redshift.url)).toEqual(whole);
  });
});
