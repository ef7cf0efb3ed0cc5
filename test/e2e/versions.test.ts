import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { slotsOfDay } from '../../src/domain/day.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import type { rebuildWarehouse } from '../../src/workflows/index.js';
import { QUEUES, REBUILD } from '../../src/temporal/names.js';
import type { RebuildProgress } from '../../src/workflows/rebuildWarehouse.js';
import { holdLock } from '../warehouse/support/sessions.js';
import { activityTimes } from './support/activityTimes.js';
import { storeAnswers } from './support/rawDays.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';
import { temporalCommand } from './support/temporalCommand.js';
import { WorkerProcess } from './support/workerProcess.js';

const DAYS = ['2022-05-01', '2022-05-02'] as const;
const DEPLOYMENT = 'ladepuls';

let system: TestSystem;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  system = await TestSystem.open();
  const slots = DAYS.flatMap((day) => slotsOfDay(day, TIME_ZONE, INTERVAL_MINUTES).slice(0, 1));
  await storeAnswers(system.raw, simulateFleet({ seed: 5, feeds: ['bonn'], stationsPerFeed: 3 }), slots);
}, 60_000);

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.end()));
  await system.close();
});

it(
  'a load ends on the version that began it, while the next one has begun its work',
  { timeout: 180_000 },
  async () => {
    const first = await deploy('1.0.0');
    // One of the last tables that a publication writes.
    const publication = await holdLock(system.databaseUrl, 'lock table ops.field_issue in exclusive mode');
    const begun = await system.startLoad(DAYS[0]);
    await expect.poll(() => done(begun, 'checkLoad'), { timeout: 60_000 }).toBe(true);

    const second = await deploy('1.1.0');
    const later = await system.startLoad(DAYS[1]);
    await expect.poll(() => done(later, 'checkLoad'), { timeout: 60_000 }).toBe(true);
    expect(await openRuns('1.0.0')).toBe(1);
    await publication.release();

    expect(await begun.result()).toMatchObject({ day: DAYS[0], revision: 1 });
    expect(await later.result()).toMatchObject({ day: DAYS[1], revision: 1 });
    expect(await pidsOf(begun)).toEqual([first.pid]);
    expect(await pidsOf(later)).toEqual([second.pid]);

    // Nobody needs the first one any more.
    await expect.poll(() => openRuns('1.0.0'), { timeout: 30_000 }).toBe(0);
    await first.stop();
    expect(await system.load(DAYS[0])).toMatchObject({ day: DAYS[0], revision: 2 });
  },
);

it('a rebuild goes on with the version that is current', { timeout: 180_000 }, async () => {
  // A reader, which the exchange waits for.
  const reader = await holdLock(system.databaseUrl, 'lock table charging_station in access share mode');
  const rebuild = await startRebuild();
  await expect
    .poll(async () => (await rebuild.query<RebuildProgress>(REBUILD.progressQuery)).done, { timeout: 60_000 })
    .toBe(DAYS.length);
  const [, second] = workers;
  const third = await deploy('1.2.0');
  await second?.stop();
  await reader.release();
  expect(await rebuild.result()).toMatchObject({ days: DAYS.length });
  const last = (await activityTimes(rebuild)).at(-1);
  expect(last).toMatchObject({ activity: 'dropReplaced', pid: third.pid });
});

function startRebuild(): Promise<WorkflowHandle<typeof rebuildWarehouse>> {
  return system.client.workflow.start<typeof rebuildWarehouse>('rebuildWarehouse', {
    taskQueue: QUEUES.load,
    workflowId: REBUILD.workflowId,
    args: [{}],
  });
}

/** Starts a worker as a version and makes that the current one, by the stock command, once it polls. */
async function deploy(buildId: string): Promise<WorkerProcess> {
  const worker = WorkerProcess.start(system, { LADEPULS_BUILD_ID: buildId });
  workers.push(worker);
  await expect.poll(() => setCurrent(buildId), { timeout: 60_000, interval: 500 }).toBe(true);
  return worker;
}

/** False where Temporal knows of no worker of that version yet, or of one that polls fewer queues than the current. */
async function setCurrent(buildId: string): Promise<boolean> {
  const version = ['--deployment-name', DEPLOYMENT, '--build-id', buildId];
  return stock('worker', 'deployment', 'set-current-version', ...version, '--yes').then(
    () => true,
    () => false,
  );
}

function stock(...args: string[]): Promise<string> {
  const { address, name } = system.namespace;
  return temporalCommand({ address, namespace: name }, ...args);
}

async function openRuns(buildId: string): Promise<number> {
  const version = `TemporalWorkerDeploymentVersion = "${DEPLOYMENT}:${buildId}"`;
  const { count } = await system.client.workflow.count(`${version} AND ExecutionStatus = "Running"`);
  return count;
}

async function done(run: WorkflowHandle, activity: string): Promise<boolean> {
  return (await activityTimes(run)).some((times) => times.activity === activity);
}

async function pidsOf(run: WorkflowHandle): Promise<number[]> {
  return [...new Set((await activityTimes(run)).map(({ pid }) => pid))];
}
