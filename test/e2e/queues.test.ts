import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { addDays, daysBetween, slotsOfDay } from '../../src/domain/day.js';
import { slotOf } from '../../src/domain/slot.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import type { acquireSlot } from '../../src/workflows/index.js';
import { QUEUES } from '../../src/temporal/names.js';
import { activityTimes, mostAtOnce } from './support/activityTimes.js';
import { storeAnswers } from './support/rawDays.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';
import { WorkerProcess } from './support/workerProcess.js';

const DAYS = daysBetween('2022-05-01', addDays('2022-05-01', 59));
const FEEDS = ['bonn', 'koeln', 'kiel'];
/** A free slot takes work within milliseconds; a busy machine is slower, and sixty days take far longer. */
const AT_ONCE_MS = 3_000;

let system: TestSystem;
let feed: SimulatedFeed;

beforeAll(async () => {
  system = await TestSystem.open();
  const fleet = simulateFleet({ seed: 5, feeds: FEEDS, stationsPerFeed: 3 });
  feed = await startSimulatedFeed({ contents: [fleet] });
  const slots = DAYS.flatMap((day) => slotsOfDay(day, TIME_ZONE, INTERVAL_MINUTES).slice(0, 1));
  await storeAnswers(system.raw, fleet, slots);
  await recordCollection(system.raw, {
    at: new Date(Date.now() - 3_600_000).toISOString(),
    reason: 'test',
    interval_minutes: INTERVAL_MINUTES,
    feeds: FEEDS.map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
}, 60_000);

afterAll(async () => {
  await system.close();
  await feed.stop();
});

it('a backfill delays no poll, in one process on one machine too', { timeout: 120_000 }, async () => {
  const loads = await Promise.all(DAYS.map((day) => system.startLoad(day)));
  const worker = startProcess({ LADEPULS_LOAD_SLOTS: '1', LADEPULS_THREADS: '1' });
  await expect.poll(() => activityTimes(loads[0] ?? expect.fail()), { timeout: 60_000 }).not.toEqual([]);

  const poll = await startPoll();
  await poll.result();
  const running = `WorkflowType = "loadDay" AND ExecutionStatus = "Running"`;
  expect((await system.client.workflow.count(running)).count).toBeGreaterThan(DAYS.length / 3);

  // Current statuses are kept beside the polls, in as many parts as it takes.
  const times = (await activityTimes(poll)).filter(({ activity }) => activity !== 'keepCurrent');
  expect(times.map(({ activity }) => activity)).toEqual([
    'planSlot',
    ...FEEDS.map(() => 'pollFeed'),
    'recordSlot',
  ]);
  for (const { startedMs, scheduledMs } of times) expect(startedMs - scheduledMs).toBeLessThan(AT_ONCE_MS);
  await worker.end();
  await Promise.all(loads.map(terminateIfRunning));
});

it(
  'pollers and loaders are processes apart, and a poller needs no warehouse',
  { timeout: 120_000 },
  async () => {
    const poller = startProcess({ LADEPULS_QUEUES: 'acquire', DATABASE_URL: '' });
    const load = await system.startLoad(DAYS[0] ?? '');
    const poll = await startPoll();
    await poll.result();
    expect(await activityTimes(load)).toEqual([]);

    const loader = startProcess({ LADEPULS_QUEUES: 'load' });
    expect(await load.result()).toMatchObject({ feeds: FEEDS.length, polls: FEEDS.length });
    const pidsOf = async (run: WorkflowHandle) => new Set((await activityTimes(run)).map(({ pid }) => pid));
    expect(await pidsOf(poll)).toEqual(new Set([poller.pid]));
    expect(await pidsOf(load)).toEqual(new Set([loader.pid]));
    await Promise.all([poller.stop(), loader.stop()]);
  },
);

it(
  'where memory is short, a worker takes no more than two steps for each thread',
  { timeout: 120_000 },
  async () => {
    const days = DAYS.slice(0, 6);
    const loads = await Promise.all(days.map((day) => system.startLoad(day)));
    startProcess({
      LADEPULS_QUEUES: 'load',
      LADEPULS_LOAD_SLOTS: '16',
      LADEPULS_THREADS: '1',
      LADEPULS_MEMORY_TARGET: '1%',
    });
    await Promise.all(loads.map((load) => load.result()));
    const times = await Promise.all(loads.map((load) => activityTimes(load)));
    expect(mostAtOnce(times.flat())).toBe(2);
  },
);

/** A worker process that ends with the test. */
function startProcess(settings: Record<string, string>): WorkerProcess {
  const worker = WorkerProcess.start(system, { LADEPULS_CHARGECLOUD_URL: feed.url, ...settings });
  onTestFinished(() => worker.end());
  return worker;
}

/** The loads that the worker has completed meanwhile can't be terminated. */
async function terminateIfRunning(run: WorkflowHandle): Promise<void> {
  if ((await run.describe()).status.name === 'RUNNING') await run.terminate();
}

/** Polls the slot that is under way, as its schedule would. */
function startPoll(): Promise<WorkflowHandle<typeof acquireSlot>> {
  const slot = new Date(slotOf(Date.now(), INTERVAL_MINUTES)).toISOString();
  return system.client.workflow.start<typeof acquireSlot>('acquireSlot', {
    taskQueue: QUEUES.acquire,
    workflowId: `acquireSlot-${randomUUID()}`,
    args: [{ intervalMinutes: INTERVAL_MINUTES, slot }],
  });
}
