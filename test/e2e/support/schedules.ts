import { type Client, ScheduleOverlapPolicy, type WorkflowExecutionInfo } from '@temporalio/client';
import { expect } from 'vitest';
import type { Slot } from '../../../src/domain/slot.js';
import { applySchedules, pauseSchedules } from '../../../src/schedules.js';
import type { AcquireSlotResult } from '../../../src/workflows/acquireSlot.js';
import { SCHEDULES } from '../../../src/workflows/names.js';
import { INTERVAL_MINUTES, type TestSystem, TIME_ZONE } from './system.js';

type ScheduleId = (typeof SCHEDULES)[keyof typeof SCHEDULES];

const LOOK_EVERY_MS = 200;
const ACQUIRE_TIMEOUT_MS = 120_000;

/**
 * Applies the project's schedules and pauses them: a slot or a night that falls into the test starts no run of its
 * own. A backfill does, for it is somebody's order.
 */
export async function applyPaused(system: TestSystem): Promise<void> {
  await applySchedules(system.client, { intervalMinutes: INTERVAL_MINUTES, timeZone: TIME_ZONE });
  await pauseSchedules(system.client, Object.values(SCHEDULES), true);
}

/**
 * Has a schedule run every instant of its own from one to another, both included, all at once, and waits until all the
 * runs have ended.
 *
 * @returns what each new run made of its instant, in the order of instants
 */
export async function backfill<Result>(
  system: TestSystem,
  id: ScheduleId,
  span: { first: number; last: number },
  expected: { runs: number; timeoutMs: number },
): Promise<Result[]> {
  const { client } = system;
  const [first, last] = [new Date(span.first), new Date(span.last)];
  const ofSpan =
    `TemporalScheduledById = "${id}" AND ` +
    `TemporalScheduledStartTime BETWEEN "${first.toISOString()}" AND "${last.toISOString()}"`;
  const earlier = new Set((await listRuns(client, ofSpan)).map(({ runId }) => runId));
  await client.schedule
    .getHandle(id)
    .backfill({ start: first, end: last, overlap: ScheduleOverlapPolicy.ALLOW_ALL });
  const ended = `${ofSpan} AND ExecutionStatus != "Running"`;
  await expect
    .poll(async () => (await client.workflow.count(ended)).count, {
      timeout: expected.timeoutMs,
      interval: LOOK_EVERY_MS,
      message: `ended runs of the schedule ${id}`,
    })
    .toBe(earlier.size + expected.runs);
  const runs = (await listRuns(client, ofSpan)).filter(({ runId }) => !earlier.has(runId));
  const handles = runs.map(({ workflowId, runId }) => client.workflow.getHandle(workflowId, runId));
  return Promise.all(handles.map((handle) => handle.result() as Promise<Result>));
}

/** Runs by their workflow ids, which end in the instant. */
async function listRuns(client: Client, query: string): Promise<WorkflowExecutionInfo[]> {
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query })) runs.push(run);
  return runs.sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1));
}

/** Has `acquire` run slots, which must follow each other, as {@link backfill} does. */
export function acquireSlots(system: TestSystem, slots: readonly Slot[]): Promise<AcquireSlotResult[]> {
  const span = { first: slots[0] ?? 0, last: slots.at(-1) ?? 0 };
  return backfill(system, SCHEDULES.acquire, span, { runs: slots.length, timeoutMs: ACQUIRE_TIMEOUT_MS });
}
