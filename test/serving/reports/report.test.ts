import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { observedShare, uptime, uptimeStrict, utilization } from '../../../src/domain/shares.js';
import { type ReportName, REPORTS, type RowKind } from '../../../src/serving/reports/names.js';
import { DEFINITIONS } from '../../../src/serving/reports/registry.js';
import { readReport } from '../../../src/serving/reports/report.js';
import { point, station } from '../../cleaning/support/polls.js';
import { Command } from '../../commands/support/command.js';
import { type LoadBench, loadDay, makeBench } from '../../warehouse/support/loads.js';
import { query } from '../../warehouse/support/query.js';
import { showTimeline } from '../../warehouse/support/timeline.js';

const FRIDAY = '2022-01-07';
const SATURDAY = '2022-01-08';

const kind = (standard: string, power_type: string, max_power: number) => ({
  standard,
  power_type,
  max_power,
});
const AC = kind('IEC_62196_T2', 'AC_3_PHASE', 22);
const DC = kind('IEC_62196_T2_COMBO', 'DC', 150);
const withKinds = (uid: string, status: string, kinds: object[]) =>
  point(uid, status, {
    id: `DE*ABC*E${uid}`,
    connectors: kinds.map((one, n) => ({ id: `${uid}${n}`, status, ...one })),
  });

let bench: LoadBench;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  // Station 1 has the charging point of the timeline. Station 2 has a charging point that is always available, with AC
  // and DC connectors.
  const shown = (status: string) => [
    station('1', [withKinds('11', status, [AC])], { city: 'Köln', operator: { name: 'Rhein' } }),
    station('2', [withKinds('21', 'AVAILABLE', [AC, DC])], { city: 'Bonn', operator: { name: 'Sieg' } }),
  ];
  // Each day has 24 hours. Friday: 6 hours of charging in two events, and 3 hours out of order in one. Saturday: 12
  // hours of charging, and 12 hours without observations.
  await showTimeline(bench, FRIDAY, 'a*36 c*18 a*18 c*18 a*18 o*18 a*18', { shown });
  await showTimeline(bench, SATURDAY, 'a*0 c*72', { shown });
  for (const day of [SATURDAY, FRIDAY]) await loadDay(bench, day);
  return remove;
}, 60_000);

const both = { from: FRIDAY, to: SATURDAY };
const read = (name: ReportName, by: RowKind, period = both) => readReport(bench.url, name, { ...period, by });
/** Return the key and values of each row, by the keys of the columns. */
async function table(name: ReportName, by: RowKind, period = both) {
  const { columns, rows, total } = await read(name, by, period);
  const object = ({ key, values }: (typeof rows)[number]): Record<string, unknown> => ({
    key,
    ...Object.fromEntries(columns.map((column, index) => [column.key, values[index]])),
  });
  return { rows: rows.map(object), total: total && object(total) };
}

it('as CSV has no label that a spreadsheet takes for a formula, and as JSON the exact one', async () => {
  const rename = (name: string) =>
    query(
      bench.url,
      `delete from config.operator_spelling where spelling = 'Sieg'`,
      `insert into config.operator_spelling (spelling, operator) values ('Sieg', '${name}')`,
    );
  const operators = async (format: string) =>
    (await report(bench.url, 'utilization', '--by', 'operator', '--format', format)).stdout;
  await rename('=cmd()');
  const [csv, json] = [await operators('csv'), await operators('json')];
  await rename('Sieg');
  expect(csv).toMatch(/^'=cmd\(\),/m);
  expect(json).toContain('"=cmd()"');
  // A negative change stays a number, without the apostrophe that neutralizes formulas.
  expect(csv).not.toMatch(/'-\d/);
});

/** Run `ladepuls report` on a warehouse. */
async function report(url: string, ...args: string[]) {
  const command = new Command(['report', ...args], { DATABASE_URL: url }, tmpdir());
  return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr };
}

describe('a report', () => {
  it('on utilization ranks by the share of what is known, and has all together', async () => {
    const { rows, total } = await table('utilization', 'city');
    const koeln = { points: 1, utilization: 18 / 36, charging_share: 18 / 36, events: 3, change: null };
    expect(rows).toEqual([
      { key: 'Köln', ...koeln, events_per_point_and_day: 1.5, observed_share: 36 / 48 },
      {
        key: 'Bonn',
        points: 1,
        utilization: 0,
        charging_share: 0,
        events: 0,
        change: null,
        events_per_point_and_day: 0,
        observed_share: 36 / 48,
      },
    ]);
    expect(total).toMatchObject({ points: 2, utilization: 18 / 72, events: 3, observed_share: 72 / 96 });
  });

  it('on uptime has the worst first, with its outages', async () => {
    const { rows, total } = await table('uptime', 'operator', { from: FRIDAY, to: FRIDAY });
    expect(rows).toMatchObject([
      { key: 'Rhein', uptime: 21 / 24, uptime_strict: 21 / 24, outages: 1, longest_outage_minutes: 180 },
      { key: 'Sieg', uptime: 1, outages: 0, longest_outage_minutes: null },
    ]);
    expect(total).toMatchObject({ key: '', uptime: 45 / 48, outages: 1 });
  });

  it('on events says how long they lasted, and how many may have lasted longer', async () => {
    const { rows } = await table('events', 'station');
    expect(rows[0]).toMatchObject({
      key: '1',
      events: 3,
      median_minutes: 180,
      mean_minutes: (180 + 180 + 720) / 3,
      cut_share: 1 / 3,
    });
  });

  it('stands beside the period of the same length before it', async () => {
    const { rows } = await table('utilization', 'city', { from: SATURDAY, to: SATURDAY });
    expect(rows[0]).toMatchObject({ key: 'Köln', utilization: 1, change: 1 - 6 / 24 });
  });

  it('goes on bucket by bucket', async () => {
    const { rows, total, bucketDays } = await read('utilization', 'city');
    expect(bucketDays).toBe(1);
    expect(rows[0]?.trend).toEqual([6 / 24, 1]);
    expect(total?.trend).toEqual([6 / 48, 12 / 24]);
    const year = await read('utilization', 'city', { from: '2021-02-01', to: '2022-01-31' });
    expect(year).toMatchObject({ bucketDays: 14 });
    expect(year.rows[0]?.trend).toHaveLength(27);
    expect(year.rows[0]?.trend.filter((share) => share !== null)).toEqual([18 / 36]);
  });

  it('by parts of time is in their order', async () => {
    const hours = await table('utilization', 'hour');
    expect(hours.rows.map(({ key }) => key)).toEqual(Array.from({ length: 24 }, (_, hour) => String(hour)));
    expect(hours.rows[6]).toMatchObject({ points: 2, utilization: 2 / 4, events: 1 });
    expect((await table('utilization', 'weekday')).rows.map(({ key }) => key)).toEqual(['5', '6']);
    expect((await table('utilization', 'day')).rows.map(({ key }) => key)).toEqual([FRIDAY, SATURDAY]);
    expect((await table('utilization', 'week')).rows.map(({ key }) => key)).toEqual(['2022-W01']);
    expect((await table('utilization', 'month')).rows.map(({ key }) => key)).toEqual(['2022-01']);
  });

  it('by power and standard takes charging points for what their connectors are', async () => {
    expect((await table('events', 'power')).rows.map(({ key, points }) => [key, points])).toEqual([
      ['AC', 1],
      ['HPC', 1],
    ]);
    const standards = await table('events', 'standard');
    expect(standards.rows.map(({ key, points }) => [key, points])).toEqual([
      ['IEC_62196_T2', 2],
      ['IEC_62196_T2_COMBO', 1],
    ]);
  });

  it.each(['utilization', 'uptime', 'events', 'quality'] as const)(
    'on %s adds up to the same, whatever it is by',
    async (name) => {
      const totals = [];
      for (const by of REPORTS[name]) if (by !== 'standard') totals.push((await table(name, by)).total);
      expect(new Set(totals.map((total) => JSON.stringify(total))).size).toBe(1);
      for (const { key } of DEFINITIONS[name].columns) expect(totals[0]).toHaveProperty(key);
    },
  );
});

it('the shares of a day are those of the view utilization_day', async () => {
  const days = await query(bench.url, 'select * from utilization_day');
  expect(days).toHaveLength(4);
  for (const day of days) {
    const minutes = {
      available: Number(day.available_minutes),
      occupied: Number(day.occupied_minutes),
      charging: Number(day.charging_minutes),
      out_of_service: Number(day.out_of_service_minutes),
    };
    const { available, occupied, out_of_service } = minutes;
    const observed = available + occupied + out_of_service + Number(day.unknown_minutes);
    const all = { ...minutes, observed, possible: observed + Number(day.unobserved_minutes) };
    expect(day).toMatchObject({
      utilization: utilization(all),
      uptime: uptime(all),
      uptime_strict: uptimeStrict(all),
      observed_share: observedShare(all),
    });
  }
});

describe('`ladepuls report`', () => {
  const command = (...args: string[]) => report(bench.url, ...args);
  const dates = ['--from', FRIDAY, '--to', SATURDAY];

  it('prints a table with trend and total, and what is measured', async () => {
    const { stdout, code } = await command('utilization', ...dates);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'Utilization by city, 2022-01-07 to 2022-01-08; change from 2022-01-05 to 2022-01-06',
    );
    expect(stdout).toMatch(/│ Köln +│ +1 │ +50\.0 % │ +│ +50\.0 % │ +3 │ +1\.50 │ +75\.0 % │ ▁█ +│/);
    expect(stdout).toMatch(/│ all +│ +2 │ +25\.0 % │/);
    expect(stdout).toContain('Utilization: occupied minutes of those whose status is known');
  });

  it('on a charging point names it as people do', async () => {
    const { stdout } = await command('uptime', '--by', 'point', ...dates);
    expect(stdout).toMatch(/│ DE\*ABC\*E11, Station 1, Köln \(11\) +│/);
  });

  it('on quality shows what is wrong, one by one', async () => {
    const { stdout, stderr } = await command('quality', ...dates);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/│ station_complete +│ warning +│ +4 │ +4 │ +100\.0 % │ +│ +2\.0 % │ +2 │ ▁▁ +│/);
    expect(stdout).toContain('Most frequent violations of each quality rule:');
    expect(stdout).toMatch(/│ station_complete │ charging station 2 \(Station 2, Bonn\) +│ without address /);
    const csv = await command('quality', '--format', 'csv', ...dates);
    expect(csv.stdout).toContain('\nrecords_kept,,severe,');
    expect(csv.stdout).toContain(
      '"A station, charging point or connector of an answer can be read: none is quarantined."',
    );
    const json = JSON.parse((await command('quality', '--format', 'json', ...dates)).stdout) as object;
    expect(json).toMatchObject({ report: 'quality', by: 'rule' });
    expect(json).toHaveProperty('findings.0.rule');
  });

  it('shows as many rows as are asked for, and says how many there are', async () => {
    const { stdout } = await command('uptime', '--by', 'station', '--limit', '1', ...dates);
    expect(stdout).toContain('(1)');
    expect(stdout).not.toContain('(2)');
    expect(stdout).toContain('and 1 more');
  });

  it('writes CSV and JSON for programs, whole', async () => {
    const csv = await command('events', '--by', 'weekday', '--format', 'csv', ...dates);
    expect(csv.stdout.split('\n')[0]).toBe(
      'weekday,label,points,events,events_per_point_and_day,change,median_minutes,mean_minutes,cut_share,observed_share',
    );
    expect(csv.stdout.split('\n')[1]).toBe('5,,2,2,1,,180,180,0,1');
    const json = JSON.parse((await command('uptime', '--format', 'json', ...dates)).stdout) as object;
    expect(json).toMatchObject({
      report: 'uptime',
      by: 'city',
      period: both,
      total: { uptime: 69 / 72 },
      rows: [{ key: 'Köln', uptime: 33 / 36, trend: [21 / 24, 1] }, { key: 'Bonn' }],
    });
  });

  it.each([
    [
      ['profit'],
      /'profit' is invalid for argument 'report'. Allowed choices are utilization, uptime, events, quality, changes/,
    ],
    [
      ['uptime', '--by', 'moon'],
      /'--by <what>' argument 'moon' is invalid. Allowed choices are city, point, station/,
    ],
    [
      ['uptime', '--by', 'rule'],
      /--by rule is not possible in a report on uptime\. Possible values: city, point, station/,
    ],
    [['changes', ...['--from', FRIDAY, '--to', SATURDAY]], /Nothing changed from 2022-01-07 to 2022-01-08/],
    [['uptime', '--from', 'monday'], /--from, --to: "monday" is not a day/],
    [['uptime', '--limit', '0'], /--limit is "0"/],
    [
      ['uptime', '--from', '2020-01-01', '--to', '2020-01-02'],
      /no charging point from 2020-01-01 to 2020-01-02/,
    ],
  ])('refuses %j, and says why', async (args, message) => {
    const { stderr, stdout, code } = await command(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
  });
});

it('a warehouse without a day says how to load one', async () => {
  const { remove, url, warehouse } = await makeBench();
  try {
    await warehouse.migrate();
    expect(await query(url, 'select from ops.day_revision')).toEqual([]);
    const { stderr, code } = await report(url, 'uptime');
    expect(code).toBe(1);
    expect(stderr).toContain('No day is loaded yet. Load a day with "ladepuls load --from DAY".');
  } finally {
    await remove();
  }
});
