import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readFailedLoads } from '../../src/commands/failedLoads.js';
import { StatusReader } from '../../src/commands/statusReader.js';
import { readConfig } from '../../src/config.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/names.js';
import { openNamespace, type TestNamespace } from '../e2e/support/namespace.js';

const DAY = '2022-01-11';
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
  ]);

  await load({});
  await vi.waitFor(async () => expect(await read()).toEqual([]), { timeout: 30_000, interval: 500 });
});
