import type { WorkflowExecutionInfo } from '@temporalio/client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { addDays, daysBetween, slotsOfDay } from '../../src/domain/day.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { loadInstant } from '../../src/temporal/schedules.js';
import { SCHEDULES } from '../../src/temporal/names.js';
import { storeAnswers } from './support/rawDays.js';
import { applyPaused } from './support/schedules.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';
import { temporalCommand } from './support/temporalCommand.js';
import { Watch } from './support/watch.js';

const DAYS = daysBetween('2022-05-01', addDays('2022-05-01', 59));
/** Without an order of their steps nearly all days stand open at once. */
const MOST_OPEN = DAYS.length / 2;
const OPEN_LOADS = `select count(*)::int as open from pg_namespace where nspname like 'staging_%'`;
const fleet = simulateFleet({ seed: 5, feeds: ['bonn'], stationsPerFeed: 3 });

let system: TestSystem;

beforeAll(async () => {
  system = await TestSystem.open();
  const slots = DAYS.flatMap((day) => slotsOfDay(day, TIME_ZONE, INTERVAL_MINUTES).slice(0, 1));
  await storeAnswers(system.raw, fleet, slots);
  await applyPaused(system);
}, 60_000);

afterAll(() => system.close());

it(
  'a backlog of days is loaded few at a time, and last night’s load passes it',
  { timeout: 300_000 },
  async () => {
    const { client, namespace } = system;
    const instant = (day = '') => new Date(loadInstant(day, TIME_ZONE)).toISOString();
    await temporalCommand(
      { address: namespace.address, namespace: namespace.name },
      ...['schedule', 'backfill', '--schedule-id', SCHEDULES.loadDay, '--overlap-policy', 'AllowAll'],
      ...['--start-time', instant(DAYS[0]), '--end-time', instant(DAYS.at(-1))],
    );
    await countRuns('Running', DAYS.length);
    await client.schedule.getHandle(SCHEDULES.loadDay).trigger();
    await countRuns('Running', DAYS.length + 1);

    const watch = await Watch.start(system.databaseUrl, { text: OPEN_LOADS });
    await system.startLoading();
    await countRuns('Completed', DAYS.length + 1);
    await watch.stop();

    const open = watch.sights.map(({ seen }) => (JSON.parse(seen) as [{ open: number }])[0].open);
    expect(Math.max(...open)).toBeGreaterThan(0);
    expect(Math.max(...open)).toBeLessThan(MOST_OPEN);
    const loaded = await system.query(
      `select distinct to_char(day, 'YYYY-MM-DD') as day from ops.ledger order by 1`,
    );
    expect(loaded.map(({ day }) => day)).toEqual(DAYS);
    const runs = await listRuns();
    const closed = runs
      .sort((a, b) => Number(a.closeTime) - Number(b.closeTime))
      .map(({ startTime }) => startTime);
    const latest = Math.max(...closed.map(Number));
    expect(closed.findIndex((startTime) => Number(startTime) === latest)).toBeLessThan(DAYS.length / 4);
  },
);

async function countRuns(status: 'Running' | 'Completed', expected: number): Promise<void> {
  const query = `TemporalScheduledById = "${SCHEDULES.loadDay}" AND ExecutionStatus = "${status}"`;
  await vi.waitFor(
    async () => expect((await system.client.workflow.count(query)).count, `loads ${status}`).toBe(expected),
    { timeout: 240_000, interval: 200 },
  );
}

async function listRuns(): Promise<WorkflowExecutionInfo[]> {
  const runs: WorkflowExecutionInfo[] = [];
  const query = `TemporalScheduledById = "${SCHEDULES.loadDay}"`;
  for await (const run of system.client.workflow.list({ query })) runs.push(run);
  return runs;
}
