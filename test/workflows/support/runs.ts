import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect, onTestFinished } from 'vitest';
import { currentQueue } from '../../../src/temporal/names.js';
import { startWorker } from '../../support/temporal.js';

/** Starts a workflow on a worker of its own with these activities, which ends with the test. */
export async function startRun(
  client: Client,
  workflowType: 'acquireSlot' | 'loadDay' | 'loadRecent' | 'reloadChanged' | 'rebuildWarehouse',
  activities: object,
  input: object,
): Promise<WorkflowHandleWithFirstExecutionRunId> {
  // Histories are kept: they should not tell whose machine they come from.
  const worker = await startWorker(activities, { identity: 'ladepuls-test' });
  onTestFinished(() => worker.stop());
  if (workflowType === 'acquireSlot') {
    const beside = await startWorker(activities, { taskQueue: currentQueue(worker.taskQueue) });
    onTestFinished(() => beside.stop());
  }
  const workflowId = `${workflowType}-${randomUUID()}`;
  return client.workflow.start(workflowType, { taskQueue: worker.taskQueue, workflowId, args: [input] });
}

/** What a run failed with, inside of what Temporal wraps around it. */
export async function failureOf(run: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  let error: unknown = await run.result().then(
    () => expect.fail('the run succeeded'),
    (reason: unknown) => reason,
  );
  while (error instanceof Error && !(error instanceof ApplicationFailure)) error = error.cause;
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error as ApplicationFailure;
}
