import { beforeEach, describe, expect, it } from 'vitest';
import { dayBounds } from '../../../src/domain/day.js';
import { runActivity } from '../../activities/support/runActivity.js';
import { point, station, ZONE } from '../../cleaning/support/polls.js';
import { activitiesOf, type LoadBench, loadDay, type OpenBench } from '../support/loads.js';
import { query } from '../support/query.js';
import { addOrReplace } from '../support/recent.js';
import { showTimeline } from '../support/timeline.js';

/** Define the tests of parking spaces and stations, for any database. */
export function itMeasuresStations(openBench: OpenBench): void {
  const DAY = '2022-01-11';
  const NEXT = '2022-01-12';

  let bench: LoadBench;
  beforeEach(async () => {
    bench = await openBench();
  });

  describe('the parking sensor of a charging point', () => {
    /**
     * The parking space is occupied in the second and third hour of the day. In the fourth hour the sensor gives no
     * status.
     */
    const sensed = (status: string, slot: number) => {
      const parkingsensor_status = [6, 12].some((first) => slot >= first && slot < first + 6)
        ? 'OCCUPIED'
        : 'AVAILABLE';
      const isSilent = slot >= 18 && slot < 24;
      return [station('1', [point('11', status, isSilent ? {} : { parkingsensor_status }), point('12')])];
    };

    it('tells vehicles that are not charged, and what contradicts it', async () => {
      await showTimeline(bench, DAY, 'a*9 c*3 b*6 c*7 a*119', { shown: sensed });
      await loadDay(bench, DAY);
      const hours = await query(
        bench.url,
        `select to_char(hour at time zone '${ZONE}', 'HH24') as hour, id_cp, status, status_parkingsensor as sensor, minutes
       from parking_hour where extract(hour from hour at time zone '${ZONE}') < 6 order by hour, status`,
      );
      const one = (hour: string, status: string, sensor: string, minutes: number) => ({
        hour,
        id_cp: '11',
        status,
        sensor,
        minutes,
      });
      expect(hours).toEqual([
        one('00', 'AVAILABLE', 'AVAILABLE', 60),
        one('01', 'AVAILABLE', 'OCCUPIED', 30),
        one('01', 'CHARGING', 'OCCUPIED', 30),
        one('02', 'BLOCKED', 'OCCUPIED', 60),
        one('04', 'AVAILABLE', 'AVAILABLE', 50),
        one('04', 'CHARGING', 'AVAILABLE', 10),
        one('05', 'AVAILABLE', 'AVAILABLE', 60),
      ]);
      expect(await query(bench.url, `select * from parking_day`)).toEqual([
        {
          id_cp: '11',
          day: expect.anything() as unknown,
          observed_minutes: 23 * 60,
          vehicle_minutes: 120,
          blocked_minutes: 90,
          contradictory_minutes: 10,
          blocked_share: 90 / 120,
        },
      ]);
    });

    it('is the same whether the day is loaded as a whole, again, or bit by bit while it is under way', async () => {
      await showTimeline(bench, DAY, 'a*9 c*3 b*6 c*7 a*119', { shown: sensed });
      const all = `select * from parking_hour order by hour, status, status_parkingsensor`;
      await loadDay(bench, DAY);
      const whole = await query(bench.url, all);
      expect(whole).toHaveLength(25);
      await loadDay(bench, DAY);
      expect(await query(bench.url, all)).toEqual(whole);

      const other = await openBench(bench);
      for (const slot of [3, 8, 10, 15, 21, 26, 30]) {
        const now = () => dayBounds(DAY, ZONE).start + slot * 600_000 + 30_000;
        const underWay = { ...other, activities: activitiesOf({ ...other, now }) };
        for (const load of await runActivity(underWay.activities.planRecent))
          await addOrReplace(underWay, load);
      }
      // The rows of the first five hours equal those of the whole day.
      expect(await query(other.url, all)).toEqual(whole.slice(0, 7 - 1));
      await loadDay(other, DAY);
      expect(await query(other.url, all)).toEqual(whole);
    });

    it('counts an observation to the next slot of its feed, and no longer', async () => {
      await showTimeline(bench, DAY, 'b*1 .*1 b*22', { minutes: 60, shown: sensed });
      await showTimeline(bench, NEXT, 'b*1 .*11 b*276', { minutes: 5, shown: sensed });
      for (const day of [NEXT, DAY]) await loadDay(bench, day);
      const sums = await query(
        bench.url,
        'select day::text, sum(observed_minutes)::int as minutes from parking_day group by 1 order by 1',
      );
      // The sensor gives no status in slots 18 to 23 of each day.
      expect(sums).toEqual([
        { day: DAY, minutes: (23 - 6) * 60 },
        { day: NEXT, minutes: (277 - 6) * 5 },
      ]);
    });
  });

  describe('a station', () => {
    const days = () =>
      query(
        bench.url,
        `select id_cs, charging_points as points, peak_occupied as peak, observed_minutes as observed,
         taken_minutes as taken, taken_share as share
       from station_day order by day, id_cs`,
      );

    it('has the most charging points that were occupied at once, and the minutes in which none was left', async () => {
      const second = (slot: number) => (slot >= 4 && slot < 10 ? 'CHARGING' : 'AVAILABLE');
      const third = (slot: number) => (slot >= 6 ? 'OUTOFORDER' : 'AVAILABLE');
      // The first charging point charges in slots 2 to 7, the second in 4 to 9. The third is out of order from slot 6
      // on.
      await showTimeline(bench, DAY, 'a*2 c*6 a*136', {
        shown: (status, slot) => [
          station('1', [point('11', status), point('12', second(slot)), point('13', third(slot))]),
          station('2', [point('21', 'BLOCKED')]),
          station('3', [point('31', 'OUTOFORDER')]),
          station('4', [point('41', 'CHARGING'), point('42', 'UNKNOWN')]),
        ],
      });
      await loadDay(bench, DAY);
      const all = 24 * 60;
      expect(await days()).toEqual([
        { id_cs: 1, points: 3, peak: 2, observed: all, taken: 20, share: 20 / all },
        { id_cs: 2, points: 1, peak: 1, observed: all, taken: all, share: 1 },
        { id_cs: 3, points: 1, peak: 0, observed: all, taken: 0, share: 0 },
        { id_cs: 4, points: 2, peak: 1, observed: all, taken: 0, share: 0 },
      ]);
    });

    it('is not taken where nobody looked; an edit of what statuses stand for holds for the past', async () => {
      await showTimeline(bench, DAY, 'c*3 .*3 b*3 a*135');
      await loadDay(bench, DAY);
      expect(await days()).toMatchObject([{ observed: 1410, taken: 60 }]);
      await query(
        bench.url,
        `update config.status_group set status_group = 'available' where status = 'BLOCKED'`,
      );
      expect(await days()).toMatchObject([{ observed: 1410, taken: 30 }]);
    });

    it('that a charging point moved to has it from then on', async () => {
      const at = (id: string) => (status: string) => [station(id, [point('11', status)])];
      await showTimeline(bench, DAY, 'c*6 a*138', { shown: at('1') });
      await showTimeline(bench, NEXT, 'c*3 a*141', { shown: at('2') });
      for (const day of [NEXT, DAY]) await loadDay(bench, day);
      expect(await days()).toMatchObject([
        { id_cs: 1, peak: 1, taken: 60 },
        { id_cs: 2, peak: 1, taken: 30 },
      ]);
    });
  });
}
