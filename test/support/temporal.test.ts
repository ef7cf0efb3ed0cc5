import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { openTestClient, startWorker } from './temporal.js';

let client: Client;
beforeAll(async () => {
  client = await openTestClient();
  return () => client.connection.close();
});

test("a worker runs the project's workflows with the activities that it was given", async () => {
  const worker = await startWorker({ planLoad: () => Promise.reject(new Error('the plan was asked for')) });
  onTestFinished(() => worker.stop());
  const handle = await client.workflow.start('loadDay', {
    taskQueue: worker.taskQueue,
    workflowId: randomUUID(),
    args: [{ day: '2022-01-11' }],
  });
  await expect
    .poll(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure?.message, {
      timeout: 20_000,
    })
    .toBe('the plan was asked for');
  await handle.terminate();
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
});
