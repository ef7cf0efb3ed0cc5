import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect, onTestFinished } from 'vitest';
import { currentQueue } from '../../../src/temporal/names.js';
import { startWorker } from '../../support/temporal.js';

const OPTIONS = {
  // Histories are committed, so they should not contain the name of a machine.
  identity: 'ladepuls-test',
  // Workflows run on the test's own thread: a thread of their own takes as long to start as a load.
  debugMode: true,
};

/** Start a workflow on its own worker with these activities. The worker ends with the test. */
export async function startRun(
  client: Client,
  workflowType: 'acquireSlot' | 'loadDay' | 'loadRecent' | 'reloadChanged' | 'rebuildWarehouse',
  activities: object,
  input: object,
): Promise<WorkflowHandleWithFirstExecutionRunId> {
  const worker = await startWorker(activities, OPTIONS);
  onTestFinished(() => worker.stop());
  if (workflowType === 'acquireSlot') {
    const beside = await startWorker(activities, { ...OPTIONS, taskQueue: currentQueue(worker.taskQueue) });
    onTestFinished(() => beside.stop());
  }
  const workflowId = `${workflowType}-${randomUUID()}`;
  return client.workflow.start(workflowType, { taskQueue: worker.taskQueue, workflowId, args: [input] });
}

/** Return the failure of a workflow run, without Temporal's wrappers. */
export async function failureOf(run: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  let error: unknown = await run.result().then(
    () => expect.fail('the run succeeded'),
    (reason: unknown) => reason,
  );
  while (error instanceof Error && !(error instanceof ApplicationFailure)) error = error.cause;
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error as ApplicationFailure;
}
