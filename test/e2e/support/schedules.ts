import { type Client, ScheduleOverlapPolicy, type WorkflowExecutionInfo } from '@temporalio/client';
import { expect, vi } from 'vitest';
import type { Slot } from '../../../src/domain/slot.js';
import { applySchedules, pauseSchedules } from '../../../src/temporal/schedules.js';
import type { AcquireSlotResult } from '../../../src/workflows/acquireSlot.js';
import { SCHEDULES } from '../../../src/temporal/names.js';
import { INTERVAL_MINUTES, type TestSystem, TIME_ZONE } from './system.js';

type ScheduleId = (typeof SCHEDULES)[keyof typeof SCHEDULES];

/** From one instant to another, milliseconds since the epoch. */
interface Span {
  first: number;
  last: number;
}

const LOOK_EVERY_MS = 200;
/** Ten runs of a backfill are started in a second; what goes on beside it on a small machine takes several times as long. */
const ACQUIRE_TIMEOUT_MS = 400_000;

/**
 * Applies the project's schedules and pauses them: a slot or a night that falls into the test starts no run of its
 * own. A backfill does, for it is somebody's order.
 */
export async function applyPaused(system: TestSystem): Promise<void> {
  await applySchedules(system.client, {
    general: { timeZone: TIME_ZONE },
    polling: { intervalMinutes: INTERVAL_MINUTES },
    loading: { everyMinutes: 60 },
  });
  await pauseSchedules(system.client, Object.values(SCHEDULES), true);
}

/**
 * Has a schedule run every instant of its own in some spans, both ends included, all at once, and waits until all the
 * runs have ended.
 *
 * @returns what each new run made of its instant, in the order of instants
 */
export async function backfill<Result>(
  system: TestSystem,
  id: ScheduleId,
  spans: readonly Span[],
  expected: { runs: number; timeoutMs: number },
): Promise<Result[]> {
  const { client } = system;
  const ofSchedule = `TemporalScheduledById = "${id}"`;
  const earlier = new Set((await listRuns(client, ofSchedule)).map(({ runId }) => runId));
  await client.schedule.getHandle(id).backfill(
    spans.map(({ first, last }) => ({
      start: new Date(first),
      end: new Date(last),
      overlap: ScheduleOverlapPolicy.ALLOW_ALL,
    })),
  );
  const ended = `${ofSchedule} AND ExecutionStatus != "Running"`;
  await vi.waitFor(
    async () => {
      const { count } = await client.workflow.count(ended);
      expect(count - earlier.size, `ended runs of the schedule ${id}`).toBe(expected.runs);
    },
    { timeout: expected.timeoutMs, interval: LOOK_EVERY_MS },
  );
  const runs = (await listRuns(client, ofSchedule)).filter(({ runId }) => !earlier.has(runId));
  const handles = runs.map(({ workflowId, runId }) => client.workflow.getHandle(workflowId, runId));
  return Promise.all(handles.map((handle) => handle.result() as Promise<Result>));
}

/** Runs by their workflow ids, which end in the instant. */
async function listRuns(client: Client, query: string): Promise<WorkflowExecutionInfo[]> {
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query })) runs.push(run);
  return runs.sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1));
}

/** Has `acquire` run some slots, stretch by stretch of consecutive ones, as {@link backfill} does. */
export function acquireSlots(system: TestSystem, slots: readonly Slot[]): Promise<AcquireSlotResult[]> {
  const spans: Span[] = [];
  for (const slot of slots) {
    const span = spans.at(-1);
    if (span && slot - span.last === INTERVAL_MINUTES * 60_000) span.last = slot;
    else spans.push({ first: slot, last: slot });
  }
  return backfill(system, SCHEDULES.acquire, spans, { runs: slots.length, timeoutMs: ACQUIRE_TIMEOUT_MS });
}
