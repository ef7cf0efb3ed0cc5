import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Day, daysBetween, slotsOfDay } from '../../src/domain/day.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { loadInstant } from '../../src/temporal/schedules.js';
import type { LoadDayResult } from '../../src/workflows/loadOnce.js';
import { Command } from '../commands/support/command.js';
import { storeAnswers } from './support/rawDays.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';
import { Watch } from './support/watch.js';

const DAYS = daysBetween('2022-05-01', '2022-05-10');
const AT_ONCE = 3;
/** Less than the server lets a call wait for the end of a load. */
const SOON_MS = 10_000;
const OPEN_LOADS = `select count(*)::int as open from pg_namespace where nspname like 'staging_%'`;
const fleet = simulateFleet({ seed: 5, feeds: ['bonn'], stationsPerFeed: 3 });

let system: TestSystem;

beforeEach(async () => {
  system = await TestSystem.open();
  const slots = DAYS.flatMap((day) => slotsOfDay(day, TIME_ZONE, INTERVAL_MINUTES).slice(0, 2));
  await storeAnswers(system.raw, fleet, slots);
}, 60_000);

afterEach(() => system.close());

it.each(['backfill', 'load'])(
  'ladepuls %s loads days few at a time, the first ones first',
  { timeout: 120_000 },
  async (name) => {
    const watch = await Watch.start(system.databaseUrl, { text: OPEN_LOADS });
    await system.startLoading();
    const command = ladepuls(name, ...range(DAYS));
    expect([await command.exited(), command.stderr]).toEqual([0, '']);
    await watch.stop();
    expect((JSON.parse(command.stdout) as LoadDayResult[]).map(({ day }) => day)).toEqual(DAYS);
    const open = watch.sights.map(({ seen }) => (JSON.parse(seen) as [{ open: number }])[0].open);
    expect(Math.max(...open)).toBeGreaterThan(0);
    expect(Math.max(...open)).toBeLessThanOrEqual(AT_ONCE);
    const published = await revisions();
    for (const [index, day] of published.entries()) {
      expect(Math.abs(DAYS.indexOf(day) - index)).toBeLessThan(AT_ONCE);
    }
  },
);

it('names the days that failed, with reasons, and loads the others', { timeout: 120_000 }, async () => {
  const [first, second, third] = DAYS as [Day, Day, Day];
  const command = ladepuls('backfill', ...range(DAYS));
  await runsOf(AT_ONCE);
  for (const day of [first, second])
    await system.client.workflow.getHandle(workflowId(day)).terminate('not wanted');
  await system.startLoading();
  expect(await command.exited()).toBe(1);
  expect(command.stderr).toBe(`ladepuls: ${first} to ${second} were not loaded: not wanted\n`);
  const results = JSON.parse(command.stdout) as LoadDayResult[];
  expect(results[0]?.day).toBe(third);
  expect(results).toHaveLength(DAYS.length - 2);
});

it(
  'stopped where the worker is another’s, leaves it the days under way, and finds them again',
  { timeout: 120_000 },
  async () => {
    const command = ladepuls('backfill', ...range(DAYS));
    await runsOf(AT_ONCE);
    command.kill('SIGINT');
    const killedMs = performance.now();
    expect(await command.exited()).toBe(130);
    expect(performance.now() - killedMs).toBeLessThan(SOON_MS);
    expect(command.stdout).toBe('[]\n');
    expect(command.stderr.trimEnd().split('\n')).toEqual([
      `ladepuls: Interrupted by SIGINT. 0 of ${DAYS.length} days are loaded.`,
      `The loads of 2022-05-01 to 2022-05-03 continue on the worker that serves this installation.`,
      'To load the remaining days, run',
      '  ladepuls backfill --from 2022-05-01 --to 2022-05-10',
    ]);
    const again = ladepuls('backfill', ...range(DAYS));
    await system.startLoading();
    expect(await again.exited()).toBe(0);
    const results = JSON.parse(again.stdout) as LoadDayResult[];
    expect(results.map(({ day, revision }) => [day, revision])).toEqual(DAYS.map((day) => [day, 1]));
  },
);

function ladepuls(...args: string[]): Command {
  return new Command([...args, '--json'], system.settings, system.folder);
}

function range(days: Day[]): string[] {
  return ['--from', days[0] ?? '', '--to', days.at(-1) ?? ''];
}

function workflowId(day: Day): string {
  return `loadDay-${new Date(loadInstant(day, TIME_ZONE)).toISOString().replace('.000Z', 'Z')}`;
}

/** Waits until so many loads run, which is all that are let run. */
async function runsOf(count: number): Promise<void> {
  const running = () =>
    system.client.workflow.count('WorkflowType = "loadDay" AND ExecutionStatus = "Running"');
  await vi.waitFor(async () => expect((await running()).count).toBe(count), {
    timeout: 30_000,
    interval: 100,
  });
}

/** The days in the order in which they were published. */
async function revisions(): Promise<Day[]> {
  const rows = await system.query<{ day: Day }>(
    `select to_char(day, 'YYYY-MM-DD') as day from ops.day_revision order by published_at`,
  );
  return rows.map(({ day }) => day);
}
