import { beforeEach, describe, expect, it } from 'vitest';
import { addDays, slotsOfDay } from '../../src/domain/day.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, type OpenBench } from './support/loads.js';
import { column, query } from './support/query.js';

const DAYS = [0, 1, 2].map((days) => addDays(DAY, days));
const [FIRST = '', SECOND = '', THIRD = ''] = DAYS;

/** Test that versions of stations ignore small moves, for any warehouse. */
export function itIgnoresSmallMoves(open: OpenBench): void {
  let bench: LoadBench;
  beforeEach(async () => {
    bench = await open();
  });

  /** Store one poll for each place, in metres to the north of a first one; null is a station without coordinates. */
  async function show(day: string, places: (number | null)[], fields: object = {}): Promise<void> {
    const slots = slotsOfDay(day, ZONE, 60);
    for (const [index, north] of places.entries()) {
      const slot = slots[index] ?? NaN;
      const coordinates = { longitude: '7', latitude: (50 + (north ?? 0) / 111_320).toFixed(7) };
      const shown = { ...fields, ...(north !== null && { coordinates }) };
      await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', [point('11')], shown)]) });
    }
  }
  /** Read the versions: the metres to the north, and what changed. */
  const versions = async () =>
    (
      await query(
        bench.url,
        `select round(((latitude - 50) * 111320)::numeric)::int as north, changed
         from charging_station_history order by valid_from`,
      )
    ).map(({ north, changed }) => [north, changed]);

  describe('versions of stations', () => {
    it('ignore coordinates that flip from poll to poll within 10 m; content spans do not', async () => {
      await show(FIRST, [0, 4, 0, 4, 9, 0]);
      await loadDay(bench, FIRST);
      expect(await versions()).toEqual([[0, null]]);
      expect(await column(bench.url, 'select count(*)::int from ops.charging_station_content_span')).toEqual([6]); // prettier-ignore
      expect(
        await query(
          bench.url,
          `select rule, id, value from ops.quality_finding where rule like '%_steady' order by 1`,
        ),
      ).toEqual([{ rule: 'station_steady', id: '1', value: 'changed 5 times: latitude' }]);
    });

    it('begin with each move of more than 10 m from the first coordinates of the version before', async () => {
      await show(FIRST, [0, 100, 0, 100, 106, 94, 111, null, null, 111]);
      await loadDay(bench, FIRST);
      expect(await versions()).toEqual([
        [0, null],
        [100, 'latitude'],
        [0, 'latitude'],
        [100, 'latitude'],
        [111, 'latitude'],
        [null, 'longitude,latitude'],
        [111, 'longitude,latitude'],
      ]);
    });

    it.each([DAYS, [...DAYS].reverse(), [SECOND, THIRD, FIRST], [THIRD, FIRST, SECOND]])(
      'compare small steps with the first coordinates, over days, which are loaded as %s, %s, %s',
      async (...order) => {
        await show(FIRST, [0, 6]);
        await show(SECOND, [6, 9, 12]);
        await show(THIRD, [16, 20, 24, 30]);
        for (const day of order) await loadDay(bench, day);
        expect(await versions()).toEqual([
          [0, null],
          [12, 'latitude'],
          [24, 'latitude'],
        ]);
      },
    );

    it('follow when a day before shows other first coordinates than it did', async () => {
      await show(SECOND, [8, 14]);
      await show(THIRD, [16, 26]);
      for (const day of [SECOND, THIRD]) await loadDay(bench, day);
      expect(await versions()).toEqual([
        [8, null],
        [26, 'latitude'],
      ]);
      await show(FIRST, [0]);
      await loadDay(bench, FIRST);
      expect(await versions()).toEqual([
        [0, null],
        [14, 'latitude'],
        [26, 'latitude'],
      ]);
    });

    it('say nothing of a small move where something else changes', async () => {
      await show(FIRST, [0, 4]);
      await show(SECOND, [8, 13], { name: 'New' });
      for (const day of [FIRST, SECOND]) await loadDay(bench, day);
      expect(await versions()).toEqual([
        [0, null],
        [8, 'name'],
      ]);
    });
  });
}
