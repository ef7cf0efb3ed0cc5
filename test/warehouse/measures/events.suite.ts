import { beforeEach, describe, expect, it } from 'vitest';
import { addDays, dayBounds, daysBetween, slotsOfDay } from '../../../src/domain/day.js';
import { ZONE } from '../../cleaning/support/polls.js';
import { type LoadBench, loadDay, type OpenBench } from '../support/loads.js';
import { column, query, type Row } from '../support/query.js';
import { showTimeline } from '../support/timeline.js';

/** Define the tests of status events, charging events and outages, for any database. */
export function itMeasuresEvents(openBench: OpenBench): void {
  let bench: LoadBench;
  beforeEach(async () => {
    bench = await openBench();
  });

  const MINUTE_MS = 60_000;
  const show = (day: string, statuses: string, minutes?: number) =>
    showTimeline(bench, day, statuses, { ...(minutes && { minutes }) });

  /** Return a table's rows with the start and end in local time. */
  async function rows(table: string, columns: string): Promise<Row[]> {
    const local = (instant: string) =>
      `to_char(${instant} at time zone '${ZONE}', 'MM-DD HH24:MI') as ${instant.replace('_at', '')}`;
    return query(
      bench.url,
      `select ${local('start_at')}, ${local('end_at')}, ${columns} from ${table} order by ${table}.start_at`,
    );
  }
  const events = () =>
    rows(
      'charging_event',
      `day::text, duration_minutes, unobserved_minutes, concat_ws(' ', status_before, start_cut) as before,
     concat_ws(' ', status_after, end_cut) as after`,
    );

  describe('a charging event', () => {
    it('goes from its first slot to the end of its last one, and belongs to the day of its start, over midnight', async () => {
      await show('2022-01-11', 'a*142 c*2');
      await show('2022-01-12', 'c*3 b*141');
      const one = {
        start: '01-11 23:40',
        end: '01-12 00:30',
        day: '2022-01-11',
        duration_minutes: 50,
        unobserved_minutes: 0,
        before: 'AVAILABLE',
        after: 'BLOCKED',
      };
      await loadDay(bench, '2022-01-12');
      expect(await events()).toEqual([
        { ...one, start: '01-12 00:00', day: '2022-01-12', duration_minutes: 30, before: 'edge' },
      ]);
      await loadDay(bench, '2022-01-11');
      expect(await events()).toEqual([one]);
      await loadDay(bench, '2022-01-12');
      expect(await events()).toEqual([one]);
    });

    it('bridges two missing slots, and not three; what it can’t know of its ends it says', async () => {
      await show('2022-01-11', 'c*2 .*1 c*1 .*2 c*1 .*3 c*1 .*3 a*1 .*2 c*1 .*1 b*1 a*124');
      await loadDay(bench, '2022-01-11');
      const day = '2022-01-11';
      expect(await events()).toEqual([
        {
          start: '01-11 00:00',
          end: '01-11 01:10',
          day,
          duration_minutes: 70,
          unobserved_minutes: 30,
          before: 'edge',
          after: 'gap',
        },
        {
          start: '01-11 01:40',
          end: '01-11 01:50',
          day,
          duration_minutes: 10,
          unobserved_minutes: 0,
          before: 'gap',
          after: 'gap',
        },
        {
          start: '01-11 02:50',
          end: '01-11 03:00',
          day,
          duration_minutes: 10,
          unobserved_minutes: 0,
          before: 'AVAILABLE',
          after: 'BLOCKED',
        },
      ]);
    });

    it('that nobody has seen the end of ends at the edge, until a later day tells more', async () => {
      await show('2022-01-11', 'a*143 c*1');
      await loadDay(bench, '2022-01-11');
      expect(await events()).toMatchObject([{ end: '01-12 00:00', after: 'edge' }]);
      await show('2022-01-14', 'a*144');
      await loadDay(bench, '2022-01-14');
      expect(await events()).toMatchObject([{ end: '01-12 00:00', after: 'gap' }]);
      await show('2022-01-12', '.*2 c*1 a*141');
      await loadDay(bench, '2022-01-12');
      expect(await events()).toMatchObject([
        {
          start: '01-11 23:50',
          end: '01-12 00:30',
          duration_minutes: 40,
          unobserved_minutes: 20,
          after: 'AVAILABLE',
        },
      ]);
    });

    it.each([
      ['the hour that comes twice', '2022-10-30', 150, 'a*12 c*12 a*126', '10-30 02:00', '10-30 03:00', 120],
      ['the hour that is left out', '2022-03-27', 138, 'a*6 c*12 a*120', '03-27 01:00', '03-27 04:00', 120],
    ])('over %s lasts as long as it lasts', async (_, day, slots, statuses, start, end, minutes) => {
      expect(slotsOfDay(day, ZONE, 10)).toHaveLength(slots);
      await show(day, statuses);
      await loadDay(bench, day);
      expect(await events()).toMatchObject([
        { start, end, duration_minutes: minutes, unobserved_minutes: 0 },
      ]);
    });

    it('lasts by the interval of each poll', async () => {
      await show('2022-01-11', 'a*23 c*1', 60);
      await show('2022-01-12', 'c*3 a*1 .*2 c*1 .*9 c*1 a*271', 5);
      for (const day of ['2022-01-12', '2022-01-11']) await loadDay(bench, day);
      expect(await events()).toMatchObject([
        { start: '01-11 23:00', end: '01-12 00:15', duration_minutes: 75, unobserved_minutes: 0 },
        { start: '01-12 00:30', end: '01-12 00:35', before: 'AVAILABLE', after: 'gap' },
        { start: '01-12 01:20', end: '01-12 01:25', before: 'gap', after: 'AVAILABLE' },
      ]);
    });
  });

  describe('a status', () => {
    it('that lasts two hundred days costs no more than one that lasts one', async () => {
      const first = '2022-01-11';
      const days = daysBetween(first, addDays(first, 200));
      const last = days.at(-1) ?? '';
      for (const day of [first, last]) await show(day, 'a*144');
      await loadDay(bench, first);
      // The event is as the loads of the days between would leave it. The intervals of these days are missing, so that
      // a statement that reads them would find fewer minutes.
      const end = new Date(dayBounds(last, ZONE).start).toISOString();
      await query(
        bench.url,
        `insert into ops.status_interval (day, id_cp, start_at, end_at, status, interval_minutes)
       values ('${days.at(-2)}', '11', '${new Date(dayBounds(days.at(-2) ?? '', ZONE).start).toISOString()}', '${end}', 'AVAILABLE', 10)`,
        `update status_event set end_at = '${end}',
         observed_minutes = extract(epoch from '${end}'::timestamptz - start_at) / 60`,
      );
      for (let times = 0; times < 2; times++) {
        await loadDay(bench, last);
        const whole = (dayBounds(last, ZONE).end - dayBounds(first, ZONE).start) / MINUTE_MS;
        expect(
          await query(bench.url, 'select day::text, observed_minutes, end_cut from status_event'),
        ).toEqual([{ day: first, observed_minutes: whole, end_cut: 'edge' }]);
      }
    });

    it('is kept when the day’s facts leave for the archive, also by a rebuild', async () => {
      await show('2022-01-11', 'a*100 c*44');
      await loadDay(bench, '2022-01-11');
      const kept = await events();
      await bench.warehouse.archiveDay('2022-01-11', bench.flat);
      expect(await column(bench.url, 'select count(*)::int from status_chargingpoints')).toEqual([0]);
      await loadDay(bench, '2022-01-11', 'facts are in the archive', { withoutFacts: true });
      expect(await events()).toEqual(kept);
      await bench.warehouse.beginRebuild('anew');
      await loadDay(bench, '2022-01-11', 'rebuild', { withoutFacts: true, isRebuild: true });
      expect(await bench.warehouse.exchange('anew')).toEqual([]);
      expect(await events()).toEqual(kept);
    });

    it('stands for what people say that it stands for, for the whole past at once', async () => {
      await show('2022-01-11', 'a*100 c*40 b*4');
      await loadDay(bench, '2022-01-11');
      expect(await events()).toHaveLength(1);
      await query(bench.url, `update config.status_group set is_charging = true where status = 'BLOCKED'`);
      expect(await events()).toHaveLength(2);
    });
  });

  describe('an outage', () => {
    it('goes on from one broken status to another, also over midnight', async () => {
      await show('2022-01-11', 'a*140 o*2 i*2');
      await show('2022-01-12', 'i*2 .*1 o*1 c*1 o*3 .*3 o*1 a*130');
      for (const day of ['2022-01-12', '2022-01-11']) await loadDay(bench, day);
      const outages = await rows(
        'outage',
        `day::text, duration_minutes, unobserved_minutes, concat_ws(' ', status_before, start_cut) as before,
       concat_ws(' ', status_after, end_cut) as after`,
      );
      expect(outages).toEqual([
        {
          start: '01-11 23:20',
          end: '01-12 00:40',
          day: '2022-01-11',
          duration_minutes: 80,
          unobserved_minutes: 10,
          before: 'AVAILABLE',
          after: 'CHARGING',
        },
        {
          start: '01-12 00:50',
          end: '01-12 01:20',
          day: '2022-01-12',
          duration_minutes: 30,
          unobserved_minutes: 0,
          before: 'CHARGING',
          after: 'gap',
        },
        {
          start: '01-12 01:50',
          end: '01-12 02:00',
          day: '2022-01-12',
          duration_minutes: 10,
          unobserved_minutes: 0,
          before: 'gap',
          after: 'AVAILABLE',
        },
      ]);
    });
  });
}
