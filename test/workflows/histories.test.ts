import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { format } from 'prettier';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addDays, dayBounds, slotsOfDay } from '../../src/domain/day.js';
import type { Load } from '../../src/warehouse/warehouse.js';
import { DAY, envelope, FEED, point, putPoll, slotAt, station, ZONE } from '../cleaning/support/polls.js';
import { sharedComponent } from '../support/sharedComponent.js';
import { openTestClient, quietRuntime } from '../support/temporal.js';
import { activitiesOf, loadDay, openBench } from '../warehouse/support/loads.js';
import { loseAnswers } from '../warehouse/support/rebuild.js';
import { openPolling, SLOT } from './support/polling.js';
import { openRecent } from './support/recent.js';
import { startRun } from './support/runs.js';

/**
 * Recorded histories of all workflows. A workflow change under which one of these can't be replayed breaks running
 * collections, and needs `patched()`. After such a change, or a new branch in the code, record them again:
 * `LADEPULS_TEST_RECORD=1 npx vitest run test/workflows/histories.test.ts`.
 */
const RECORDED = ['acquireSlot', 'loadDay', 'loadRecent', 'reloadChanged', 'rebuildWarehouse'] as const;

/** Histories of earlier versions: a run that was started before an upgrade continues after it. */
const EARLIER = [
  'acquireSlot-before-current',
  'acquireSlot-before-tell',
  'rebuildWarehouse-before-current',
  'loadDay-before-cover-beside-copies',
] as const;

const isRecording = process.env.LADEPULS_TEST_RECORD === '1';

const fileOf = (name: string) => fileURLToPath(new URL(`histories/${name}.json`, import.meta.url));

async function replay(history: History): Promise<void> {
  quietRuntime();
  const codePath = await sharedComponent('workflows');
  const started = history.events[0]?.workflowExecutionStartedEventAttributes;
  await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, started?.workflowId);
}

if (isRecording) {
  it('records acquireSlot: a feed that is stored, one that is asked twice, one that fails, one that is paused', async () => {
    const active = { paused: false };
    const feeds = { koeln: active, bonn: active, roth: active, kiel: { paused: true } };
    const { feed, activities } = await openPolling(feeds, 3_000);
    feed.fail({ kind: 'status', status: 503, retryAfterSeconds: 1 }, { feeds: ['bonn'], times: 1 });
    feed.fail({ kind: 'status', status: 503, retryAfterSeconds: 3_600 }, { feeds: ['roth'] });
    const input = { intervalMinutes: 10, slot: new Date(SLOT).toISOString() };
    const run = await startRun(await openRecordingClient(), 'acquireSlot', activities, input);
    expect(await run.result()).toMatchObject({ stored: 2, failed: 1, missed: 1 });
    await record('acquireSlot', run);
  });

  it('records loadDay: two feeds that show the same, and an answer that comes in the middle', async () => {
    const bench = await openBench();
    const put = (index: number, feed: string) => {
      const slot = slotAt(index);
      const stations = [
        station('1', [point('11')]),
        station(feed === 'koeln' ? '2' : '3', [point(`${feed}1`)]),
      ];
      return putPoll(bench.raw, { slot, feed, body: envelope(slot, stations) });
    };
    for (const feed of ['koeln', 'bonn']) await put(0, feed);
    let calls = 0;
    const publishLoad = async (load: Load & { reason: string }) => {
      if (calls++ === 0) await put(1, 'koeln');
      return bench.activities.publishLoad(load);
    };
    const activities = { ...bench.activities, publishLoad };
    const run = await startRun(await openRecordingClient(), 'loadDay', activities, { day: DAY });
    expect(await run.result()).toMatchObject({ feeds: 2, polls: 3 });
    await record('loadDay', run);
  });

  it('records loadRecent: the end of one day, another one that is added to, and one that must begin anew', async () => {
    const { bench, put, at } = await openRecent();
    await put(142, 'koeln', '11');
    at(143);
    const client = await openRecordingClient();
    const first = await startRun(client, 'loadRecent', bench.activities, {});
    await first.result();
    await put(143, 'koeln', '11');
    await put(144, 'koeln', '11');
    at(145);
    const second = await startRun(client, 'loadRecent', bench.activities, {});
    expect(await second.result()).toHaveLength(2);
    await put(145, 'bonn', '11');
    at(146);
    const third = await startRun(client, 'loadRecent', bench.activities, {});
    expect(await third.result()).toMatchObject([{ revision: 2, polls: 2 }]);
    await record('loadRecent', third);
  });

  it('records reloadChanged: a day that is loaded again, one whose load fails, and one long past', async () => {
    const bench = await openBench();
    const days = [addDays(DAY, -20), DAY, addDays(DAY, 1)];
    const put = (day: string, index: number) => {
      const slot = slotsOfDay(day, ZONE, 10)[index] ?? NaN;
      return putPoll(bench.raw, { slot, body: envelope(slot, [station('1', [point('11')])]) });
    };
    for (const day of days) {
      await put(day, 0);
      await loadDay(bench, day);
      await put(day, 1);
    }
    const now = () => dayBounds(addDays(DAY, 2), ZONE).end;
    const recorded = activitiesOf({ ...bench, now });
    const checkLoad = (load: Load) =>
      load.day === days[2]
        ? Promise.reject(ApplicationFailure.nonRetryable('it breaks a promise', 'LoadRefused'))
        : recorded.checkLoad(load);
    const activities = { ...recorded, checkLoad };
    const run = await startRun(await openRecordingClient(), 'reloadChanged', activities, {});
    expect(await run.result()).toEqual({
      days: [DAY],
      notLoaded: { [days[2] ?? '']: 'it breaks a promise' },
      begun: [days[0]],
    });
    await record('reloadChanged', run);
  });

  it('records rebuildWarehouse: one day that is archived, one whose answers are gone, and one that is published meanwhile', async () => {
    const bench = await openBench();
    const days = [DAY, addDays(DAY, 1), addDays(DAY, 2)];
    const putDay = async (day: string) => {
      const [slot] = slotsOfDay(day, ZONE, 10);
      await putPoll(bench.raw, {
        slot: slot ?? NaN,
        body: envelope(slot ?? NaN, [station('1', [point('11')])]),
      });
      await loadDay(bench, day);
    };
    for (const day of days.slice(0, 2)) await putDay(day);
    await bench.warehouse.archiveDay(DAY, bench.flat);
    await loseAnswers(bench, FEED, days[1] ?? '');
    let calls = 0;
    const exchangeWarehouses = async (rebuild: string) => {
      if (calls++ === 0) await putDay(days[2] ?? '');
      return bench.activities.exchangeWarehouses(rebuild);
    };
    const activities = { ...bench.activities, exchangeWarehouses };
    const run = await startRun(await openRecordingClient(), 'rebuildWarehouse', activities, {});
    expect(await run.result()).toMatchObject({ days: 3, broughtOver: [days[1]] });
    await record('rebuildWarehouse', run);
  });
}

describe.each([...RECORDED, ...EARLIER])('a recorded run of %s', (name) => {
  const history = () => JSON.parse(readFileSync(fileOf(name), 'utf8')) as History;

  it('goes on under the present code', async () => {
    await replay(history());
  });

  it('would not go on under another code', async () => {
    const other = history();
    const scheduled = other.events.filter((event) => event.activityTaskScheduledEventAttributes);
    const last = scheduled.at(-1)?.activityTaskScheduledEventAttributes ?? expect.fail('no activity');
    last.activityType.name = 'another';
    await expect(replay(other)).rejects.toThrow(DeterminismViolationError);
  });
});

/** Subset of a history's JSON that is changed here. */
interface History {
  events: {
    workflowExecutionStartedEventAttributes?: { workflowId: string };
    activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  }[];
}

/** Open a client that does not disclose the name of its machine. */
async function openRecordingClient(): Promise<Client> {
  const { connection } = await openTestClient();
  onTestFinished(() => connection.close());
  return new Client({ connection, identity: 'ladepuls-test' });
}

/** Write the history of a workflow run as Temporal's own tools do, without data that identifies the machine. */
async function record(name: (typeof RECORDED)[number], run: WorkflowHandle): Promise<void> {
  const history: unknown = JSON.parse(historyToJSON(await run.fetchHistory()), (key, value: unknown) =>
    key === 'stackTrace' ? '' : value,
  );
  writeFileSync(fileOf(name), await format(JSON.stringify(history), { parser: 'json', printWidth: 110 }));
}
