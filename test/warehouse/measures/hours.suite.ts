import { beforeEach, describe, expect, it } from 'vitest';
import { dayBounds } from '../../../src/domain/day.js';
import { point, station, ZONE } from '../../cleaning/support/polls.js';
import { type LoadBench, loadDay, newLoad, type OpenBench, stepsOf } from '../support/loads.js';
import { column, query, type Row } from '../support/query.js';
import { showTimeline } from '../support/timeline.js';

/** Define the tests of the minutes of hours, for any database. */
export function itMeasuresHours(openBench: OpenBench): void {
  const DAY = '2022-01-11';
  const NEXT = '2022-01-12';
  const HOUR_MS = 3_600_000;

  let bench: LoadBench;
  beforeEach(async () => {
    bench = await openBench();
  });

  /** Return the hours of charging point 11, in local time, with fewer than 60 minutes of availability. */
  const hours = () =>
    query(
      bench.url,
      `select to_char(hour at time zone '${ZONE}', 'DD HH24') as hour, available_minutes as available,
       occupied_minutes as occupied, charging_minutes as charging, out_of_service_minutes as broken,
       unknown_minutes as unknown, unobserved_minutes as unobserved, charging_starts as starts
     from utilization_hour where id_cp = '11' and available_minutes < 60 order by utilization_hour.hour`,
    );
  const NONE = { available: 0, occupied: 0, charging: 0, broken: 0, unknown: 0, unobserved: 0, starts: 0 };
  const hour = (of: string, parts: Partial<typeof NONE>): Row => ({ hour: of, ...NONE, ...parts });
  const count = async () => (await column(bench.url, 'select count(*)::int from utilization_hour'))[0];

  describe('an hour of a charging point', () => {
    it('has 60 minutes, each of which is of one group of statuses, or was not observed', async () => {
      await showTimeline(bench, DAY, 'a*2 c*1 b*1 o*1 u*1  n*1 .*2 c*1 .*1 c*1  a*132');
      await loadDay(bench, DAY);
      expect(await hours()).toEqual([
        hour('11 00', { available: 20, occupied: 20, charging: 10, broken: 10, unknown: 10, starts: 1 }),
        hour('11 01', { occupied: 20, charging: 20, unknown: 10, unobserved: 30, starts: 1 }),
      ]);
      expect(await count()).toBe(24);
      expect(
        await query(
          bench.url,
          `select status, sum(minutes)::int as minutes from status_hour where hour < (
      select min(hour) + interval '1 hour' from calendar_hour) group by 1 order by 1`,
        ),
      ).toEqual([
        { status: 'AVAILABLE', minutes: 20 },
        { status: 'BLOCKED', minutes: 10 },
        { status: 'CHARGING', minutes: 10 },
        { status: 'OUTOFORDER', minutes: 10 },
        { status: 'UNKNOWN', minutes: 10 },
      ]);
    });

    it('counts minutes by the interval of each poll', async () => {
      await showTimeline(bench, DAY, 'c*1 a*23', { minutes: 60 });
      await showTimeline(bench, NEXT, 'c*5 .*1 a*282', { minutes: 5 });
      for (const day of [NEXT, DAY]) await loadDay(bench, day);
      expect(await hours()).toEqual([
        hour('11 00', { occupied: 60, charging: 60, starts: 1 }),
        hour('12 00', { available: 30, occupied: 25, charging: 25, unobserved: 5, starts: 1 }),
      ]);
    });

    it('counts as not observed where nobody looked, also on a day that was never loaded', async () => {
      await showTimeline(bench, DAY, 'a*144');
      await showTimeline(bench, '2022-01-13', '.*1 a*143');
      for (const day of ['2022-01-13', DAY]) await loadDay(bench, day);
      const found = await hours();
      expect(found).toHaveLength(25);
      expect(
        found
          .slice(0, 24)
          .every(({ hour: at, unobserved }) => String(at).startsWith('12') && unobserved === 60),
      ).toBe(true);
      expect(found.at(-1)).toEqual(hour('13 00', { available: 50, unobserved: 10 }));
      expect(await count()).toBe(72);
    });

    it('does not count before its first sight, nor after it was retired', async () => {
      const others = ['21', '22', '23', '24', '25'].map((uid) => point(uid));
      await showTimeline(bench, DAY, '.*100 a*44', {
        shown: (status, slot) => [
          ...(slot < 126 ? [station('1', [point('11', status)])] : []),
          station('2', others),
        ],
      });
      await showTimeline(bench, NEXT, 'a*144', { shown: () => [station('2', others)] });
      for (const day of [DAY, NEXT]) await loadDay(bench, day);
      const lived = await query(
        bench.url,
        `select to_char(min(hour) at time zone '${ZONE}', 'DD HH24') as first, to_char(max(hour) at time zone '${ZONE}', 'DD HH24') as last
       from utilization_hour where id_cp = '11'`,
      );
      expect(lived).toEqual([{ first: '11 16', last: '11 20' }]);
      expect(await hours()).toEqual([hour('11 16', { available: 20, unobserved: 40 })]);
    });

    it.each([
      ['2022-10-30', 150, 25, [0, 1, 2, 2, 3]],
      ['2022-03-27', 138, 23, [0, 1, 3, 4, 5]],
    ])('of a day whose clocks change is a local one too: %s', async (day, slots, hoursOfDay, first) => {
      await showTimeline(bench, day, `a*${slots}`);
      await loadDay(bench, day);
      expect(await count()).toBe(hoursOfDay);
      expect(
        (await column(bench.url, 'select hour_of_day from calendar_hour order by hour')).slice(0, 5),
      ).toEqual(first);
      expect(await hours()).toEqual([]);
    });

    it('that is under way is left to the next load; the hours before it stay', async () => {
      const { start } = dayBounds(DAY, ZONE);
      await showTimeline(bench, DAY, 'a*3 c*6 a*6');
      const until = async (slots: number, addsTo?: number) => {
        const from = addsTo === undefined ? 0 : 9;
        const window = { from: start + from * (HOUR_MS / 6), to: start + slots * (HOUR_MS / 6) };
        const load = { ...newLoad(DAY), window, ...(addsTo !== undefined && { addsTo }) };
        for (const step of stepsOf(bench, load)) await step.run();
      };
      await until(9);
      expect(await hours()).toEqual([
        hour('11 00', { available: 30, occupied: 30, charging: 30, starts: 1 }),
      ]);
      await until(15, 1);
      const added = [
        hour('11 00', { available: 30, occupied: 30, charging: 30, starts: 1 }),
        hour('11 01', { available: 30, occupied: 30, charging: 30 }),
      ];
      expect(await hours()).toEqual(added);
      await loadDay(bench, DAY);
      expect((await hours()).slice(0, 2)).toEqual(added);
      expect(await count()).toBe(24);
    });

    it('stands for what people say that a status stands for, for the whole past at once', async () => {
      await showTimeline(bench, DAY, 'n*6 a*138');
      await loadDay(bench, DAY);
      expect(await hours()).toEqual([hour('11 00', { unknown: 60 })]);
      await query(
        bench.url,
        `insert into config.status_group values ('NEVER_HEARD_OF', 'out_of_service', false)`,
      );
      expect(await hours()).toEqual([hour('11 00', { broken: 60 })]);
    });

    it('is of the operator that people call so, however a feed spells it', async () => {
      const shown = (status: string, slot: number) => [
        station('1', [point('11', status)], {
          operator: { name: slot < 72 ? 'RheinEnergie' : 'RheinEnergie AG' },
        }),
      ];
      await showTimeline(bench, DAY, 'a*144', { shown });
      await loadDay(bench, DAY);
      const operators = () =>
        column(bench.url, 'select distinct operator from charging_point_as_was order by 1');
      expect(await operators()).toEqual(['RheinEnergie', 'RheinEnergie AG']);
      await query(
        bench.url,
        `insert into config.operator_spelling values ('RheinEnergie AG', 'RheinEnergie')`,
      );
      expect(await operators()).toEqual(['RheinEnergie']);
    });

    it('belongs to what the charging point was like at its beginning', async () => {
      const kinds = {
        standard: 'IEC_62196_T2',
        power_type: 'AC_3_PHASE',
        voltage: 400,
        amperage: 32,
        max_power: 22,
      };
      const looks = (name: string, power: object) => (status: string) => [
        station('1', [point('11', status, { connectors: [{ id: '110', status, ...kinds, ...power }] })], {
          name,
        }),
      ];
      await showTimeline(bench, DAY, 'a*144', {
        shown: (status, slot) =>
          looks(
            slot < 9 ? 'Old' : 'New',
            slot < 12
              ? {}
              : { standard: 'IEC_62196_T2_COMBO', power_type: 'DC', max_power: slot < 18 ? 50 : 150 },
          )(status),
      });
      await loadDay(bench, DAY);
      expect(
        await query(
          bench.url,
          `select name, power_class, standards, max_power, to_char(valid_from at time zone '${ZONE}', 'HH24:MI') as since,
           to_char(first_hour at time zone '${ZONE}', 'HH24') as first, to_char(end_hour at time zone '${ZONE}', 'HH24') as end
         from charging_point_as_was order by valid_from`,
        ),
      ).toEqual([
        {
          name: 'Old',
          power_class: 'AC',
          standards: ['IEC_62196_T2'],
          max_power: 22,
          since: '00:00',
          first: '00',
          end: '02',
        },
        {
          name: 'New',
          power_class: 'AC',
          standards: ['IEC_62196_T2'],
          max_power: 22,
          since: '01:30',
          first: '02',
          end: '02',
        },
        {
          name: 'New',
          power_class: 'DC',
          standards: ['IEC_62196_T2_COMBO'],
          max_power: 50,
          since: '02:00',
          first: '02',
          end: '03',
        },
        {
          name: 'New',
          power_class: 'HPC',
          standards: ['IEC_62196_T2_COMBO'],
          max_power: 150,
          since: '03:00',
          first: '03',
          end: null,
        },
      ]);
      expect(await count()).toBe(24);
    });
  });

  it('a day has the shares that follow from its minutes, and none where nothing is known', async () => {
    await showTimeline(bench, DAY, 'a*72 c*36 o*12 u*12 .*12');
    await showTimeline(bench, NEXT, 'u*144');
    for (const day of [DAY, NEXT]) await loadDay(bench, day);
    expect(
      await query(
        bench.url,
        'select day::text, utilization, uptime, uptime_strict, observed_share from utilization_day order by day',
      ),
    ).toEqual([
      {
        day: DAY,
        utilization: 36 / 120,
        uptime: 108 / 120,
        uptime_strict: 108 / 132,
        observed_share: 132 / 144,
      },
      { day: NEXT, utilization: null, uptime: null, uptime_strict: 0, observed_share: 1 },
    ]);
  });
}
