import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceReport } from '../../src/commands/running/report.js';
import { slotsOfDay } from '../../src/domain/day.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { openStore } from '../../src/stores/open.js';
import { Command } from '../commands/support/command.js';
import { processesOf } from '../local/support/processes.js';
import { observed } from './support/observations.js';
import { storeAnswers } from './support/rawDays.js';
import { INTERVAL_MINUTES, TIME_ZONE } from './support/system.js';
import { temporalCommand } from './support/temporalCommand.js';

const DAYS = ['2022-05-10', '2022-05-11'];
const SLOTS = DAYS.flatMap((day) => slotsOfDay(day, TIME_ZONE, INTERVAL_MINUTES).slice(0, 6));
const psql = onPath('psql');
const sqlTool = psql === null ? 'the pg driver (psql is not installed)' : 'psql';

const run = promisify(execFile);
const fleet = simulateFleet({ seed: 5, feeds: ['koeln', 'bonn'], stationsPerFeed: 3 });

describe('the stock tools, on what "ladepuls start" runs', { timeout: 120_000 }, () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-tools-')));
  const home = join(folder, 'home');
  let feed: SimulatedFeed;
  let env: Record<string, string>;
  let start: Command;
  let report: ServiceReport;

  beforeAll(async () => {
    feed = await startSimulatedFeed({ contents: [fleet] });
    await storeAnswers(openStore(`file:${home}/raw`), fleet, SLOTS);
    env = { LADEPULS_HOME: home, LADEPULS_FEEDS: 'koeln bonn', LADEPULS_CHARGECLOUD_URL: feed.url };
    start = new Command(['start', '--json'], env, folder);
    report = (await start.json()) as ServiceReport;
  }, 120_000);

  afterAll(async () => {
    start.kill('SIGINT');
    expect(await start.exited()).toBe(0);
    expect(processesOf(folder)).toEqual([]);
    await new Command(['reset', '--yes'], env, folder).exited();
    await feed.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('temporal schedule list shows both schedules', async () => {
    await expect
      .poll(
        async () => {
          const schedules = JSON.parse(await temporal('schedule', 'list', '--output', 'json')) as {
            scheduleId: string;
          }[];
          return schedules.map(({ scheduleId }) => scheduleId).sort();
        },
        { timeout: 30_000 },
      )
      .toEqual(['acquire', 'load-day', 'reload-changed']);
  });

  it('temporal schedule describe tells when a day is loaded', async () => {
    const described = await temporal('schedule', 'describe', '--schedule-id', 'load-day', '--output', 'json');
    const { schedule } = JSON.parse(described) as { schedule: unknown };
    expect(schedule).toMatchObject({
      spec: {
        timezoneName: TIME_ZONE,
        structuredCalendar: [{ hour: [{ start: 4 }], minute: [{ start: 10 }] }],
      },
      action: { startWorkflow: { workflowType: { name: 'loadDay' }, taskQueue: { name: 'load' } } },
      policies: { overlapPolicy: 'SCHEDULE_OVERLAP_POLICY_ALLOW_ALL' },
    });
  });

  it('temporal schedule backfill loads days, and temporal workflow list finds them by their day', async () => {
    // The runs of a day are those of the night after it.
    const span = ['--start-time', '2022-05-11T00:00:00+02:00', '--end-time', '2022-05-12T23:59:00+02:00'];
    await temporal(
      'schedule',
      'backfill',
      '--schedule-id',
      'load-day',
      '--overlap-policy',
      'AllowAll',
      ...span,
    );
    for (const day of DAYS) {
      const query = `LadepulsDay='${day}' AND LadepulsFacts > 0`;
      const find = () => temporal('workflow', 'list', '--query', query, '--output', 'json');
      await expect
        .poll(
          async () =>
            (JSON.parse(await find()) as { status: string; type: { name: string } }[]).map(
              ({ status, type }) => `${type.name} ${status}`,
            ),
          { timeout: 60_000, interval: 500 },
        )
        .toEqual(['loadDay WORKFLOW_EXECUTION_STATUS_COMPLETED']);
    }
  });

  it(`${sqlTool} reads what was loaded`, async () => {
    const bodies = SLOTS.flatMap((slot) =>
      fleet.feeds.map((name) => ({ feed: name, slot, body: fleet.envelope(name, slot + 3_000) })),
    );
    const { chargingPoints, connectors } = observed(bodies);
    const days = DAYS.map((day) => `'${day}'`).join(', ');
    const counts = `select (select count(*) from status_chargingpoints where day in (${days})), (select count(*) from status_connectors where day in (${days}))`;
    expect(await ask(counts)).toBe(`${chargingPoints.length}|${connectors.length}`);
  });

  it.each([
    'delete from charging_station',
    'create table mine (id int)',
    'update time set hour = 0',
    'drop view status_connectors',
  ])(`${sqlTool} can’t %s`, async (statement) => {
    await expect(ask(statement)).rejects.toThrow(/cannot execute .* in a read-only transaction/);
    // A reader may lift that for his session; what he may not do stays.
    await expect(ask(`begin read write; ${statement}`)).rejects.toThrow(/permission denied|must be owner/);
  });

  function temporal(...args: string[]): Promise<string> {
    const { temporalAddress: address, temporalNamespace: namespace } = report;
    return temporalCommand({ address, namespace }, ...args);
  }

  /** Asks the warehouse with the connection string for readers: rows as lines, columns between bars. */
  async function ask(statement: string): Promise<string> {
    if (psql !== null) {
      const { stdout } = await run(psql, [report.warehouseUrl, '--no-psqlrc', '-At', '-c', statement]);
      return stdout.trimEnd();
    }
    const client = new pg.Client({ connectionString: report.warehouseUrl });
    await client.connect();
    try {
      const { rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' });
      return rows.map((row) => row.join('|')).join('\n');
    } finally {
      await client.end();
    }
  }
});

function onPath(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== '')) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      continue;
    }
  }
  return null;
}
