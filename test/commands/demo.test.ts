import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../src/commands/running/demoReport.js';
import { type DemoPlan, readPlan } from '../../src/simulation/demo/plan.js';
import { addDays, dayBounds, daysBetween, slotsOfDay } from '../../src/domain/day.js';
import { readOwner } from '../../src/local/homeLock.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { expectations } from '../../src/stores/collectionLog.js';
import { openStore } from '../../src/stores/open.js';
import { lastSlotRun } from '../../src/stores/slotRuns.js';
import { clusterFolder, processesOf } from '../local/support/processes.js';
import { Command } from './support/command.js';

const TIME_ZONE = 'Europe/Berlin';
const SIZE = ['--days', '2', '--stations', '3'];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-demo-')));
const home = join(folder, 'demo');
const settings = { LADEPULS_HOME: folder, LADEPULS_TIME_ZONE: TIME_ZONE };
/** Where simulated data must not get. */
const REAL = {
  RAW_STORE: `file:${join(folder, 'real-raw')}`,
  FLAT_STORE: `file:${join(folder, 'real-flat')}`,
  DATABASE_URL: 'postgres://real:real@127.0.0.1:1/real',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
};

const run = (args: string[], env: Record<string, string> = {}) =>
  new Command(args, { ...settings, ...env }, folder);

afterAll(async () => {
  for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL');
  const cluster = clusterFolder(home);
  await run(['reset', '--yes'], { LADEPULS_HOME: home }).exited();
  await rm(folder, { recursive: true, force: true });
  if (cluster !== null) await rm(cluster, { recursive: true, force: true });
});

describe('ladepuls demo', { timeout: 120_000 }, () => {
  it('is stopped by Ctrl-C while it makes its past, and leaves no process behind', async () => {
    const demo = run(['demo', ...SIZE], REAL);
    await demo.until(() => existsSync(join(home, 'raw', 'polls', 'koeln')), 'the past is being written');
    demo.kill('SIGINT');
    expect(await demo.exited()).toBe(130);
    expect(processesOf(folder)).toEqual([]);
    expect(readOwner(home)).toBeNull();
  });

  describe('started again on that home', () => {
    let demo: Command;
    let report: DemoReport;
    let plan: DemoPlan;
    let warehouse: pg.Client;

    beforeAll(async () => {
      demo = run(['demo', '--json', '--days', '5'], REAL);
      report = (await demo.json()) as DemoReport;
      plan = await readPlan(openStore(`file:${home}/raw`));
      warehouse = new pg.Client(report.warehouseUrl);
      await warehouse.connect();
    }, 120_000);

    afterAll(async () => {
      await warehouse.end();
      demo.kill('SIGINT');
      expect(await demo.exited()).toBe(0);
      expect(processesOf(folder)).toEqual([]);
    }, 60_000);

    it('says that all is simulated, and where to look', async () => {
      expect(report).toMatchObject({ simulated: true, alreadyRunning: false, home, feeds: 6 });
      expect((await fetch(report.temporalUiUrl ?? '')).status).toBe(200);
      const stations = await fetch(`${report.apiUrl}/v1/stations?limit=1`);
      expect(await stations.json()).toMatchObject({
        data: [{ charging_points: expect.any(Number) as number }],
      });
    });

    it('uses no store, warehouse or Temporal of the settings, and says so', () => {
      expect(demo.stderr).toContain('DATABASE_URL, FLAT_STORE, RAW_STORE, TEMPORAL_ADDRESS');
      expect(existsSync(join(folder, 'real-raw'))).toBe(false);
      expect(existsSync(join(folder, 'real-flat'))).toBe(false);
    });

    it('has loaded exactly what the simulated feeds were like', async () => {
      const { rows } = await warehouse.query<{ status: string; count: number }>(
        `select to_char(day, 'YYYY-MM-DD') || ' ' || status_cp as status, count(*)::int as count
         from status_chargingpoints where slot < $1 group by 1 order by 1`,
        [new Date(plan.untilMs)],
      );
      const loaded = Object.fromEntries(rows.map(({ status, count }) => [status, count]));
      expect(loaded).toEqual(countStatuses(plan));
    });

    it('covers the past days fully', async () => {
      const [first, last] = [plan.firstDay, addDays(plan.firstDay, 1)];
      const range = { startMs: dayBounds(first, TIME_ZONE).start, endMs: dayBounds(last, TIME_ZONE).end };
      const expected = await expectations(openStore(`file:${home}/raw`), range, TIME_ZONE);
      expect(expected).toEqual(
        plan.fleet.feeds.map((feed) => ({ feed, ...range, intervalMinutes: 10, paused: false })),
      );
      const { rows } = await warehouse.query<{ polls: number }>(
        'select count(*)::int as polls from ops.poll where day between $1 and $2',
        [first, last],
      );
      const slots = daysBetween(first, last).flatMap((day) => slotsOfDay(day, TIME_ZONE, 10));
      expect(rows).toEqual([{ polls: slots.length * plan.fleet.feeds.length }]);
    });

    it('has a history to look at: one operator renumbered its EVSE-IDs', async () => {
      const { rows } = await warehouse.query<{ feed: string }>(
        `select distinct feed from ops.charging_point_content_span
         where id_cp in (select id_cp from ops.charging_point_content_span group by id_cp having count(distinct evse_id) > 1)`,
      );
      expect(rows).toEqual([{ feed: 'bonn' }]);
    });

    it('answers its questions by the warehouse’s rules', () => {
      const [byHour, busiest] = report.questions;
      const shares = countByHour(plan);
      const hourNow = localHour(plan.untilMs);
      const told = (byHour?.rows ?? []).filter(([hour]) => hour !== hourNow);
      expect(told.length).toBeGreaterThanOrEqual(23);
      for (const [hour, percent, observations] of told) {
        const { charging = 0, known = 0 } = shares.get(Number(hour)) ?? {};
        expect(observations).toBe(known);
        expect(percent).toBeCloseTo((100 * charging) / known, 0);
      }
      expect(busiest?.rows).toHaveLength(10);
      const percents = (busiest?.rows ?? []).map((row) => Number(row[3]));
      expect(percents).toEqual(percents.toSorted((a, b) => b - a));
    });

    it('gives queries that "ladepuls sql" answers alike', async () => {
      for (const { sql, columns, rows } of report.questions) {
        const command = run(['sql', '--json', sql], { LADEPULS_HOME: home });
        const answer = (await command.json()) as Record<string, unknown>[];
        expect(answer.map((row) => columns.map((column) => row[column]))).toEqual(rows);
      }
    });

    it('polls the simulated feeds from then on', async () => {
      const raw = openStore(`file:${home}/raw`);
      const stored = async () =>
        (await lastSlotRun(raw))?.outcomes.filter(({ outcome }) => outcome === 'stored').length;
      // Where it started at the end of a slot, the first poll is the next one's.
      await expect.poll(stored, { timeout: 100_000, interval: 500 }).toBe(plan.fleet.feeds.length);
    });

    it('is told of by a second start, which starts nothing', async () => {
      const second = run(['demo', '--json']);
      expect(await second.json()).toMatchObject({
        alreadyRunning: true,
        temporalUiUrl: report.temporalUiUrl,
        warehouseUrl: report.warehouseUrl,
      });
      expect(await second.exited()).toBe(0);
    });

    it('keeps its home to itself: start refuses it', async () => {
      const start = run(['start'], { LADEPULS_HOME: home });
      expect(await start.exited()).toBe(78);
      expect(start.stderr).toMatch(/simulated/);
    });
  });

  it('is up again with what it has, and doubles nothing', async () => {
    const demo = run(['demo']);
    await demo.until(() => demo.stdout.includes('Ctrl-C stops everything'), 'the screen is whole');
    expect(demo.stdout).toContain('SIMULATED data');
    expect(demo.stderr).not.toContain('written');
    const plan = await readPlan(openStore(`file:${home}/raw`));
    const pastDays = [plan.firstDay, addDays(plan.firstDay, 1)];
    for (const day of pastDays) expect(demo.stderr).not.toContain(`${day}  `); // loaded before
    const counts = Object.entries(countStatuses(plan)).filter(([key]) => pastDays.includes(key.slice(0, 10)));
    const query = `select count(*)::int as facts from status_chargingpoints where day in ('${pastDays.join("', '")}')`;
    const command = run(['sql', '--json', query], { LADEPULS_HOME: home });
    expect(await command.json()).toEqual([{ facts: counts.reduce((sum, [, count]) => sum + count, 0) }]);
    demo.kill('SIGINT');
    expect(await demo.exited()).toBe(0);
    expect(processesOf(folder)).toEqual([]);
  });
});

/** The statuses of all charging points in the plan's past, as its feeds would have answered. */
function* observations({ fleet, firstDay, untilMs }: DemoPlan) {
  const simulated = simulateFleet(fleet);
  for (const day of daysBetween(firstDay, addDays(firstDay, 2))) {
    for (const slot of slotsOfDay(day, TIME_ZONE, 10).filter((ms) => ms < untilMs)) {
      for (const feed of fleet.feeds) {
        const { data } = JSON.parse(simulated.envelope(feed, slot)) as {
          data: { evses: { status: string }[] }[];
        };
        for (const { status } of data.flatMap(({ evses }) => evses)) yield { day, slot, status };
      }
    }
  }
}

function countStatuses(plan: DemoPlan): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { day, status } of observations(plan)) {
    const key = `${day} ${status}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** By local hour: observations with a known status, and those of them that are CHARGING. */
function countByHour(plan: DemoPlan): Map<number, { charging: number; known: number }> {
  const counts = new Map<number, { charging: number; known: number }>();
  for (const { slot, status } of observations(plan)) {
    if (status === 'UNKNOWN') continue;
    const hour = localHour(slot);
    const { charging, known } = counts.get(hour) ?? { charging: 0, known: 0 };
    counts.set(hour, { charging: charging + (status === 'CHARGING' ? 1 : 0), known: known + 1 });
  }
  return counts;
}

function localHour(instantMs: number): number {
  return Number(
    new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', timeZone: TIME_ZONE }).format(
      instantMs,
    ),
  );
}
