import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { describeRebuild } from '../../src/commands/rebuild/rebuild.js';
import { describeService } from '../../src/commands/running/report.js';
import type { Status } from '../../src/commands/status/reader.js';
import { readConfig } from '../../src/settings/config.js';
import type { Store } from '../../src/stores/store.js';
import { openReaderLogin } from '../../src/warehouse/postgres/readers.js';
import { DAY, envelope, point, putPoll, slotAt, station } from '../cleaning/support/polls.js';
import { openEarlierForm } from '../warehouse/support/earlierForm.js';
import { keepAll, openWeb } from '../serving/web/support/web.js';
import { loadDay, openBench } from '../warehouse/support/loads.js';
import { column } from '../warehouse/support/query.js';
import { Command } from './support/command.js';

let settings: Record<string, string>;
let home: string;
let raw: Store;
beforeEach(async () => {
  const bench = await openBench();
  raw = bench.raw;
  await putPoll(bench.raw, { slot: slotAt(0), body: envelope(slotAt(0), [station('1', [point('11')])]) });
  await loadDay(bench, DAY);
  const { url } = await openEarlierForm(bench);
  home = mkdtempSync(join(tmpdir(), 'ladepuls-earlier-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  // Nobody listens there: a load is refused before Temporal is asked.
  settings = { LADEPULS_HOME: home, DATABASE_URL: url, TEMPORAL_ADDRESS: '127.0.0.1:1' };
});

async function ladepuls(...args: string[]) {
  const command = new Command(args, settings, home);
  return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr };
}

it.each(['load', 'backfill'])('ladepuls %s fails at once, and says what brings it on', async (name) => {
  const { code, stderr } = await ladepuls(name, '--from', DAY, '--to', DAY);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^ladepuls: The warehouse has the tables of an earlier version[^\n]*"ladepuls rebuild"[^\n]*\n$/,
  );
});

it('status tells why loads wait, in words and in one line', async () => {
  const { stdout } = await ladepuls('status', '--json');
  const found = (JSON.parse(stdout) as Status).findings.find(({ id }) => id === 'rebuild_awaited');
  expect(found).toMatchObject({ severity: 'warning', subject: null });
  expect(found?.advice).toContain('"ladepuls rebuild"');
  expect((await ladepuls('status', '--brief')).stdout).toContain('so loads wait.');
});

it.each([
  ['sql', 'select count(*) from status_chargingpoints'],
  ['report', 'utilization', '--from', DAY, '--to', DAY],
  ['report', 'quality', '--from', DAY, '--to', DAY],
  ['export', 'csv', '--to-file', 'exported', '--from', DAY, '--to', DAY],
])('ladepuls %s %s … goes on meanwhile', async (...args) => {
  settings.LADEPULS_READER_URL = await openReaderLogin(settings.DATABASE_URL ?? '');
  expect(await ladepuls(...args)).toMatchObject({ code: 0 });
});

it('the dashboard, the API and current statuses go on meanwhile', async () => {
  const { DATABASE_URL: url = '' } = settings;
  await keepAll({ raw, url });
  const web = await openWeb(url);
  onTestFinished(() => web.close());
  for (const path of [
    '/',
    '/v1/stations',
    '/v1/charging-points/11',
    '/v1/charging-points/11/history',
    '/v1/feeds',
  ])
    expect((await web.get(path)).statusCode, path).toBe(200);
  expect(await column(url, 'select status from current_status')).toEqual(['AVAILABLE']);
});

it('start says it in one line', () => {
  const report = {
    home,
    alreadyRunning: false,
    temporalAddress: '127.0.0.1:7233',
    temporalNamespace: 'default',
    temporalUiUrl: null,
    apiUrl: null,
    warehouseUrl: '',
    rawStore: 'file:raw',
    feeds: 1,
    intervalMinutes: 10,
    nextLoad: null,
  };
  const told = (awaitsRebuild: boolean) =>
    describeService({ ...report, awaitsRebuild }, readConfig({ LADEPULS_HOME: home }))
      .split('\n')
      .filter((line) => line.includes('loads wait'));
  expect(told(true)).toEqual([expect.stringContaining('"ladepuls rebuild"')]);
  expect(told(false)).toEqual([]);
});

const NOTHING_LOST = { days: 3, notRecreated: [], notRecreatedTotal: 0 };

it('rebuild names the days that it took from the warehouse', () => {
  expect(describeRebuild({ ...NOTHING_LOST, broughtOver: [] })).toBe(
    'The warehouse was rebuilt from the raw store: 3 days.',
  );
  expect(describeRebuild({ ...NOTHING_LOST, broughtOver: ['2022-01-11', '2022-01-12'] })).toContain(
    'lacks answers of them: 2022-01-11 to 2022-01-12.',
  );
});
