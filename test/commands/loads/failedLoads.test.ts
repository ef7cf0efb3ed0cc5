import { randomInt, randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { readFailedLoads } from '../../../src/commands/loads/failedLoads.js';
import { StatusReader } from '../../../src/commands/status/reader.js';
import { readConfig } from '../../../src/settings/config.js';
import { REBUILD, SEARCH_ATTRIBUTES } from '../../../src/temporal/names.js';
import { DAY, envelope, putPoll, slotAt, ZONE } from '../../cleaning/support/polls.js';
import { openNamespace, type TestNamespace } from '../../e2e/support/namespace.js';
import { startWorker } from '../../support/temporal.js';
import { loadDay, openBench } from '../../warehouse/support/loads.js';

/** Nobody works on it: a run that is started here ends by its time limit, or not at all. */
const taskQueue = `test-${randomUUID()}`;

let namespace: TestNamespace;
beforeAll(async () => {
  namespace = await openNamespace();
});
afterAll(() => namespace.close());

const load = (limit: object) =>
  namespace.client.workflow.start('loadDay', {
    taskQueue,
    workflowId: `loadDay-${randomUUID()}`,
    args: [{ day: DAY }],
    typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.day, value: DAY }],
    ...limit,
  });

it('a load that failed is told of until it is loaded again', async () => {
  const since = Date.now();
  const read = () => readFailedLoads(namespace.client, 'Europe/Berlin', since - 60_000);
  expect(await read()).toEqual([]);
  const { workflowId } = await load({ workflowExecutionTimeout: '1s' });
  const failed = { day: DAY, workflowId, reason: 'it took too long' };
  await vi.waitFor(async () => expect(await read()).toEqual([failed]), { timeout: 30_000, interval: 500 });
  expect(await readFailedLoads(namespace.client, 'Europe/Berlin', Date.now() + 60_000)).toEqual([]);

  const env = { TEMPORAL_ADDRESS: namespace.address, TEMPORAL_NAMESPACE: namespace.name };
  const config = readConfig({ LADEPULS_HOME: `/nowhere-${randomUUID()}` });
  const { findings } = await new StatusReader({ config, env }).read();
  expect(findings.map(({ id, subject }) => [id, subject])).toEqual([
    ['schedule_absent', 'acquire'],
    ['schedule_absent', 'load-day'],
    ['schedule_absent', 'reload-changed'],
    ['load_failed', DAY],
    ['nothing_to_poll', null],
  ]);

  await load({});
  await vi.waitFor(async () => expect(await read()).toEqual([]), { timeout: 30_000, interval: 500 });
});

it("the failed load of answers that came later is told of, and a rebuild's is not", async () => {
  const since = Date.now() - 60_000;
  const bench = await openBench();
  const slot = slotAt(0);
  await putPoll(bench.raw, { slot, body: envelope(slot, []), receivedMs: slot + randomInt(120_000) });
  await loadDay(bench, DAY);
  await putPoll(bench.raw, { slot, body: envelope(slot, []), receivedMs: slot + 300_000 });
  const checkLoad = () =>
    Promise.reject(ApplicationFailure.nonRetryable('it breaks a promise', 'LoadRefused'));
  const worker = await startWorker({ ...bench.activities, checkLoad }, { namespace: namespace.name });
  onTestFinished(() => worker.stop());
  const read = () => readFailedLoads(namespace.client, ZONE, since);
  const run = (workflowType: string, workflowId: string) =>
    namespace.client.workflow.execute(workflowType, { taskQueue: worker.taskQueue, workflowId, args: [] });

  await expect(run('rebuildWarehouse', REBUILD.workflowId)).rejects.toThrow('Workflow execution failed');
  const failedIds = async () => {
    const found: string[] = [];
    for await (const { workflowId } of namespace.client.workflow.list({
      query: 'ExecutionStatus = "Failed"',
    }))
      found.push(workflowId);
    return found;
  };
  await vi.waitFor(async () => expect(await failedIds()).toContain(`rebuild-${DAY}`), { timeout: 30_000 });
  expect(await read()).toEqual([]);

  // The day is long past: its load is begun, and goes on by itself.
  await run('reloadChanged', 'reloadChanged');
  await vi.waitFor(
    async () => expect(await read()).toMatchObject([{ day: DAY, reason: 'it breaks a promise' }]),
    { timeout: 30_000, interval: 500 },
  );
  expect((await read())[0]?.workflowId).toMatch(new RegExp(`^reload-${DAY}-`));
});
