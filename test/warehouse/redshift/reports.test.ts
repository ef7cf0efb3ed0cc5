import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../../../src/domain/day.js';
import { type ReportName, REPORTS, type RowKind } from '../../../src/serving/reports/names.js';
import { readReport } from '../../../src/serving/reports/report.js';
import { readFindings, readLocations, replaceDecisions } from '../../../src/warehouse/open.js';
import { point, station } from '../../cleaning/support/polls.js';
import { Command } from '../../commands/support/command.js';
import { benchOf, loadDay, makeBench } from '../support/loads.js';
import { showTimeline } from '../support/timeline.js';
import { DAYS, putDays } from './support/days.js';
import { ABSENT_HINT, IAM_ROLE, makeRedshiftBench, whyNoRedshift } from './support/bench.js';

const LAST_DAY = addDays(DAYS[2] ?? '', 1);
/** Period of two days. The days before it are loaded too, since the report compares the period with them. */
const PERIOD = { from: DAYS[2] ?? '', to: LAST_DAY };
const ROLL_UPS = Object.entries(REPORTS).flatMap(([name, kinds]) =>
  kinds.map((by): [ReportName, RowKind] => [name as ReportName, by]),
);
/** Commands that cover each report and each format. */
const COMMANDS = [
  'utilization --format html',
  'uptime --by point',
  'events --by standard --format csv',
  'quality',
  'changes --by attribute --format json',
];

/**
 * Return a station that is renamed and gets another operator, with charging points that have one, two and no standards.
 */
function shown(status: string): unknown[] {
  const kinds = [
    { standard: 'IEC_62196_T2', power_type: 'AC_3_PHASE', max_power: 22 },
    { standard: 'IEC_62196_T2_COMBO', power_type: 'DC', max_power: 150 },
  ];
  const connectors = (uid: string, some: object[]) => ({
    connectors: some.map((one, n) => ({ id: `${uid}${n}`, status, ...one })),
  });
  const points = [
    point('10', status, connectors('10', [...kinds, ...kinds])),
    point('11', 'AVAILABLE', connectors('11', kinds.slice(1))),
    point('12', 'AVAILABLE', connectors('12', [{ standard: null }])),
  ];
  const moved = {
    name: 'Säule, C',
    city: 'Bonn',
    operator: { name: 'Sieg' },
    coordinates: { latitude: '50.735', longitude: '7.102' },
  };
  return [station('1', points, moved)];
}

describe.skipIf(whyNoRedshift !== null)(`reports on Redshift${ABSENT_HINT}`, { timeout: 240_000 }, () => {
  let redshift: string;
  let postgres: string;
  beforeAll(async () => {
    const [bench, made] = await Promise.all([makeRedshiftBench(), makeBench()]);
    const other = benchOf(made.url, made.warehouse, { raw: bench.raw, flat: made.flat });
    await putDays(bench.raw);
    await showTimeline(bench, LAST_DAY, 'a*30 c*24 .*4 c*7 o*10 u*3 n*2 .*5 b*4 a*20 c*9 a*26', { shown });
    for (const into of [bench, other]) for (const day of [...DAYS, LAST_DAY]) await loadDay(into, day);
    [redshift, postgres] = [bench.standIn.url, made.url];
    for (const url of [redshift, postgres])
      await replaceDecisions(url, 'operator_spelling', [{ spelling: 'Sieg', operator: 'Sieg und Rhein' }]);
    return () => Promise.all([bench.remove(), made.remove()]);
  }, 240_000);

  it.each(ROLL_UPS)('%s by %s is row for row what it is on Postgres', async (name, by) => {
    const expected = await readReport(postgres, name, { ...PERIOD, by });
    expect(expected.rows.length).toBeGreaterThan(0);
    expect(await readReport(redshift, name, { ...PERIOD, by })).toEqual(expected);
  });

  it('findings of quality are the same, in the same order', async () => {
    const expected = await readFindings(postgres, { from: DAYS[0] ?? '', to: LAST_DAY }, 2);
    expect(expected.length).toBeGreaterThan(3);
    expect(await readFindings(redshift, { from: DAYS[0] ?? '', to: LAST_DAY }, 2)).toEqual(expected);
  });

  it('places are the same', async () => {
    const sorted = async (url: string) =>
      (await readLocations(url)).sort((a, b) => a.key.localeCompare(b.key));
    const expected = await sorted(postgres);
    expect(expected.length).toBeGreaterThan(0);
    expect(await sorted(redshift)).toEqual(expected);
  });

  it.each(COMMANDS)('`ladepuls report %s` writes the same', async (line) => {
    const write = async (environment: Record<string, string>) => {
      const period = ['--from', PERIOD.from, '--to', PERIOD.to];
      const command = new Command(['report', ...line.split(' '), ...period], environment, tmpdir());
      const code = await command.exited();
      return { code, stdout: command.stdout, stderr: command.stderr };
    };
    const expected = await write({ DATABASE_URL: postgres });
    expect(expected).toMatchObject({ code: 0, stderr: '' });
    const settings = { FLAT_STORE: 's3://tests/flat', LADEPULS_REDSHIFT_IAM_ROLE: IAM_ROLE };
    expect(await write({ DATABASE_URL: redshift, ...settings })).toEqual(expected);
  });
});
