import { beforeAll, describe, expect, it } from 'vitest';
import { readDecisions, replaceDecisions } from '../../../src/warehouse/open.js';
import { temporaryStores } from '../../cleaning/support/stores.js';
import { itMeasuresEvents } from '../measures/events.suite.js';
import { itMeasuresHours } from '../measures/hours.suite.js';
import { itMeasuresStations } from '../measures/stations.suite.js';
import { loadDay, openBench, type OpenBench } from '../support/loads.js';
import { column, query } from '../support/query.js';
import { showTimeline } from '../support/timeline.js';
import { DAYS, putDays } from './support/days.js';
import {
  ABSENT_HINT,
  makeRedshiftBench,
  type RedshiftBench,
  reopenRedshift,
  whyNoRedshift,
} from './support/bench.js';
import { measuresOf } from './support/measures.js';

describe.skipIf(whyNoRedshift !== null)(`on Redshift${ABSENT_HINT}`, () => {
  let bench: RedshiftBench;
  beforeAll(async () => {
    bench = await makeRedshiftBench();
    await query(bench.url, 'create table stand_in.status_group as select * from config.status_group');
    return () => bench.remove();
  });

  /** Open the one warehouse, emptied, with the default decisions. */
  const open: OpenBench = async (stores) => {
    await query(
      bench.url,
      'delete from config.operator_spelling',
      'delete from config.status_group',
      'insert into config.status_group select * from stand_in.status_group',
    );
    return reopenRedshift(bench)(stores);
  };

  itMeasuresEvents(open);
  itMeasuresHours(open);
  itMeasuresStations(open);

  it('there is row for row what Postgres has of the same answers', async () => {
    const redshift = await open();
    await putDays(redshift.raw);
    const postgres = await openBench(redshift);
    for (const day of DAYS) await loadDay(redshift, day);
    for (const day of [...DAYS].reverse()) await loadDay({ ...postgres, flat: temporaryStores().flat }, day);
    const expected = await measuresOf(postgres.url);
    expect(Object.values(expected).every((rows) => rows.length > 0)).toBe(true);
    expect(await measuresOf(redshift.url)).toEqual(expected);
  });

  it('what readers see is the same in whatever time zone they are', async () => {
    const redshift = await open();
    await putDays(redshift.raw);
    // On this day, an hour of local time in Berlin occurs twice, within the gap.
    await showTimeline(redshift, '2022-10-30', 'a*6 c*4 .*30 o*10 c*20 a*80');
    for (const day of [...DAYS, '2022-10-30']) await loadDay(redshift, day);
    const slots = (zone: string) =>
      column(redshift.url, `select distinct slot from slot_outcome order by 1`, `set timezone = '${zone}'`);
    const expected = await measuresOf(redshift.url);
    for (const zone of ['Asia/Kolkata', 'Europe/Berlin']) {
      expect(await measuresOf(redshift.url, zone)).toEqual(expected);
      expect(await slots(zone)).toEqual(await slots('UTC'));
    }
  });

  it('people’s decisions are read, with what waits for one, and replaced as a whole', async () => {
    const redshift = await open();
    await showTimeline(redshift, DAYS[0] ?? '', 'a*72 n*72');
    await loadDay(redshift, DAYS[0] ?? '');
    const { url } = bench.standIn;
    const decisions = await readDecisions(url, 'status_group');
    expect(decisions).toHaveLength(8);
    const waiting = { status: 'NEVER_HEARD_OF', status_group: 'unknown', is_charging: false };
    expect(decisions).toContainEqual(waiting);
    const broken = () =>
      column(
        url.replace('redshift:', 'postgres:'),
        'select sum(out_of_service_minutes)::int from utilization_day',
      );
    expect(await broken()).toEqual([0]);
    const decided = decisions.map((row) =>
      row.status === waiting.status ? { ...waiting, status_group: 'out_of_service' } : row,
    );
    await replaceDecisions(url, 'status_group', decided);
    expect(await broken()).toEqual([720]);
    expect(await readDecisions(url, 'status_group')).toEqual(decided);
    const tooLong = { ...waiting, status: 'x'.repeat(257) };
    await expect(replaceDecisions(url, 'status_group', [tooLong])).rejects.toThrow();
    expect(await readDecisions(url, 'status_group'), 'nothing is lost').toEqual(decided);
    const spellings = Array.from({ length: 1500 }, (_, n) => ({ spelling: `Ö ${n}`, operator: 'Ö' }));
    await replaceDecisions(url, 'operator_spelling', spellings);
    const known = await readDecisions(url, 'operator_spelling');
    expect(known.filter(({ operator }) => operator === 'Ö')).toHaveLength(1500);
  });

  it('refuses a day whose events would be no stretches of time, and publishes nothing of it', async () => {
    const redshift = await open();
    for (const day of ['2022-01-11', '2022-01-12']) await showTimeline(redshift, day, 'a*144');
    await loadDay(redshift, '2022-01-11');
    const observed = (minutes: number) =>
      query(redshift.url, `update warehouse.status_event set observed_minutes = ${minutes}`);
    await observed(-5000);
    const before = await measuresOf(redshift.url);
    await expect(loadDay(redshift, '2022-01-12')).rejects.toThrow(
      'the day is not published, because 1 of its events overlap or have a wrong time, status or cut',
    );
    expect(await measuresOf(redshift.url)).toEqual(before);
    await observed(1440);
    await loadDay(redshift, '2022-01-12');
    expect(await column(redshift.url, 'select observed_minutes from status_event')).toEqual([2880]);
  });

  it('makes the calendar of whatever years lie between two days', async () => {
    const redshift = await open();
    await putDays(redshift.raw);
    await loadDay(redshift, DAYS[1] ?? '');
    await loadDay(redshift, '2015-06-01');
    await loadDay(redshift, '2026-01-31');
    const [hours] = await query(
      redshift.url,
      `select count(*)::int as hours, count(distinct hour)::int as distinct,
         (extract(epoch from max(hour) - min(hour)) / 3600)::int + 1 as long,
         min(day)::text as first, max(day)::text as last from calendar_hour`,
    );
    expect(hours).toMatchObject({ first: '2015-06-01', last: '2026-01-31' });
    expect([hours?.hours, hours?.distinct]).toEqual([hours?.long, hours?.long]);
    expect(
      await column(
        redshift.url,
        `select count(*)::int from calendar_hour
         where day <> (hour at time zone 'Europe/Berlin')::date or hour_of_day <> extract(hour from hour at time zone 'Europe/Berlin')`,
      ),
    ).toEqual([0]);
  });
});
