import { beforeEach, describe, expect, it } from 'vitest';
import { addDays, slotsOfDay } from '../../src/domain/day.js';
import { recordImport } from '../../src/stores/collectionLog.js';
import { DAY, envelope, FEED, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, type OpenBench } from './support/loads.js';
import { column, query } from './support/query.js';

/** Ten days. In the first three, tests poll every ten minutes. */
const DAYS = Array.from({ length: 10 }, (_, days) => addDays(DAY, days));

/** A poll of the feed: which of its ten charging points it has, and how many records without a readable id. */
interface Shown {
  points: number;
  unidentified?: number;
  /** Status of the first charging point. */
  status?: string | null;
}

const pointsOf = ({ points, status = 'AVAILABLE' }: Shown) =>
  Array.from({ length: points }, (_, n) => point(`p${n}`, n === 0 ? status : 'AVAILABLE'));
const nameless = (records: number) =>
  Array.from({ length: records }, () => ({ uid: null, status: 'AVAILABLE', connectors: [] }));

/** Test which polls are complete and what follows from it, for any warehouse. */
export function itJudgesPolls(open: OpenBench): void {
  let bench: LoadBench;
  beforeEach(async () => {
    bench = await open();
  });

  async function poll(slot: number, shown: Shown, feed = FEED): Promise<void> {
    const stations =
      shown.points + (shown.unidentified ?? 0) === 0
        ? []
        : [station('1', [...pointsOf(shown), ...nameless(shown.unidentified ?? 0)])];
    await putPoll(bench.raw, { slot, feed, body: envelope(slot, stations) });
  }
  const reasons = (where = 'true') =>
    column(bench.url, `select coalesce(incomplete, 'complete') from ops.poll where ${where} order by slot`);

  describe('a poll is complete', () => {
    it('if no more records lack a readable id than in each of the last 144 polls', async () => {
      const slots = DAYS.slice(0, 2).flatMap((day) => slotsOfDay(day, ZONE, 10));
      // Two from the third poll on, with a single poll of one at last.
      const unidentified = (index: number) => (index < 2 ? 0 : index === 200 ? 1 : 2);
      for (const [index, slot] of slots.entries())
        await poll(slot, { points: 10, unidentified: unidentified(index) });
      for (const day of DAYS.slice(0, 2)) await loadDay(bench, day);
      const found = await reasons();
      const expected = slots.map((_, index) => {
        const last = Array.from({ length: Math.min(index, 144) }, (__, back) =>
          unidentified(index - 1 - back),
        );
        return last.some((fewer) => fewer < unidentified(index)) ? 'unreadable_ids' : 'complete';
      });
      expect(found).toEqual(expected);
      expect(expected.indexOf('complete', 2)).toBe(146);
      expect(expected[200]).toBe('complete');
      expect(expected[201]).toBe('unreadable_ids');
    });

    it('if only a status can’t be read, or the feed has never had a readable id in a record', async () => {
      const [first = 0, second = 0, third = 0] = slotsOfDay(DAY, ZONE, 10);
      await poll(first, { points: 3, unidentified: 4 });
      await poll(second, { points: 3, unidentified: 4, status: null });
      await poll(third, { points: 3, unidentified: 3 });
      await loadDay(bench, DAY);
      expect(await column(bench.url, 'select quarantined from ops.poll order by slot')).toEqual([4, 6, 3]);
      expect(await column(bench.url, 'select unidentified from ops.poll order by slot')).toEqual([4, 4, 3]);
      expect(await reasons()).toEqual(['complete', 'complete', 'complete']);
    });

    it('unless it is empty, shrunk, or full of what belongs to another feed', async () => {
      const [first = 0, second = 0, third = 0, fourth = 0] = slotsOfDay(DAY, ZONE, 10);
      await poll(first, { points: 10 });
      await poll(second, { points: 0 });
      await poll(third, { points: 7 });
      await poll(fourth, { points: 8 });
      for (const slot of [first, second]) await poll(slot, { points: 10 }, 'other');
      await loadDay(bench, DAY);
      expect(await reasons(`feed = '${FEED}'`)).toEqual(['complete', 'empty', 'shrunk', 'complete']);
      expect(await reasons(`feed = 'other'`)).toEqual(['foreign_poll', 'foreign_poll']);
      expect(await column(bench.url, `select distinct complete from ops.poll where incomplete is not null`)).toEqual([false]); // prettier-ignore
    });

    it('again 168 hours after its feed shrank, in whatever order the days are loaded', async () => {
      const slots = DAYS.flatMap((day) => slotsOfDay(day, ZONE, 10).filter((_, index) => index % 36 === 0));
      for (const [index, slot] of slots.entries()) await poll(slot, { points: index < 4 ? 10 : 5 });
      const expected = slots.map((slot, index) =>
        index >= 4 && slot <= (slots[3] ?? 0) + 168 * 3_600_000 ? 'shrunk' : 'complete',
      );
      expect(expected.at(-1)).toBe('complete');
      expect(expected.filter((reason) => reason === 'shrunk').length).toBeGreaterThan(20);
      for (const day of [...DAYS].reverse()) await loadDay(bench, day);
      expect(await reasons()).toEqual(expected);
      // What the feed lacks since is retired with the first of these polls.
      const again = slots[expected.lastIndexOf('shrunk') + 1] ?? NaN;
      const { length: complete } = expected.filter((reason, index) => index >= 4 && reason === 'complete');
      expect(await query(bench.url, 'select distinct retired_at from charging_point order by 1')).toEqual([
        ...(complete >= 24 ? [{ retired_at: new Date(again) }] : []),
        { retired_at: null },
      ]);
    });
  });

  it('empty and shrunk polls for hours retire nothing, and show in coverage and in the rules of quality', async () => {
    const slots = DAYS.slice(0, 3).flatMap((day) => slotsOfDay(day, ZONE, 60));
    for (const day of DAYS.slice(0, 3)) {
      await recordImport(bench.raw, { feed: FEED, source: 'chargecloud', day, intervalMinutes: 60 });
      await recordImport(bench.raw, { feed: 'part', source: 'chargecloud', day, intervalMinutes: 60 });
    }
    for (const [index, slot] of slots.entries()) {
      await poll(slot, { points: index < 10 ? 10 : 0 });
      const half = Array.from({ length: index < 10 ? 10 : 5 }, (_, n) => point(`h${n}`));
      await putPoll(bench.raw, { slot, feed: 'part', body: envelope(slot, [station('2', half)]) });
    }
    for (const day of DAYS.slice(0, 3)) await loadDay(bench, day);
    for (const table of ['charging_station', 'charging_point', 'connector'])
      expect(await column(bench.url, `select count(*)::int from ${table} where retired_at is not null`)).toEqual([0]); // prettier-ignore
    expect(
      await query(
        bench.url,
        `select feed, stored, incomplete, incomplete_reasons from coverage order by day, feed limit 4`,
      ),
    ).toEqual([
      { feed: FEED, stored: 24, incomplete: 14, incomplete_reasons: 'empty' },
      { feed: 'part', stored: 24, incomplete: 14, incomplete_reasons: 'shrunk' },
      { feed: FEED, stored: 24, incomplete: 24, incomplete_reasons: 'empty' },
      { feed: 'part', stored: 24, incomplete: 24, incomplete_reasons: 'shrunk' },
    ]);
    expect(
      await query(
        bench.url,
        `select feed, reason, count(*)::int as polls from incomplete_poll group by 1, 2 order by 1, 2`,
      ),
    ).toEqual([
      { feed: FEED, reason: 'empty', polls: 62 },
      { feed: 'part', reason: 'shrunk', polls: 62 },
    ]);
    expect(
      await query(
        bench.url,
        `select rule, id, value, failed::int from ops.quality_finding
         where day = '${DAY}' and rule like 'poll%' order by rule`,
      ),
    ).toEqual([
      { rule: 'poll_not_empty', id: FEED, value: '14 polls with 0 to 0 charging points', failed: 14 },
      { rule: 'poll_not_shrunk', id: 'part', value: '14 polls with 5 to 5 charging points', failed: 14 },
    ]);
  });

  it('the rules about polls of a day are applied again when a day before is loaded later', async () => {
    const [day = '', next = ''] = DAYS;
    for (const slot of slotsOfDay(day, ZONE, 60)) await poll(slot, { points: 10 });
    for (const slot of slotsOfDay(next, ZONE, 60)) await poll(slot, { points: 5 });
    await loadDay(bench, next);
    const found = () =>
      query(
        bench.url,
        `select checked::int, failed::int from ops.quality where rule = 'poll_not_shrunk' and day = '${next}'`,
      );
    expect(await found()).toEqual([{ checked: 24, failed: 0 }]);
    await loadDay(bench, day);
    expect(await found()).toEqual([{ checked: 24, failed: 24 }]);
  });
}
