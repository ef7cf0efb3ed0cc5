import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { compiledFile } from '../../src/runtime/paths.js';
import { dayOf } from '../../src/domain/day.js';
import { pollDeadline, slotOf } from '../../src/domain/slot.js';
import type { FaultInput } from '../../src/simulation/feed/faults.js';
import type { LogEntry } from '../../src/simulation/feed/requestLog.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { listRawSlot } from '../../src/stores/raw.js';
import type { acquireSlot } from '../../src/workflows/index.js';
import { QUEUES } from '../../src/temporal/names.js';
import { spawnTied } from '../support/tiedProcess.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';
import { WorkerProcess } from './support/workerProcess.js';

const GOOD = ['koeln', 'bonn', 'kiel', 'hof', 'roth', 'calw'];
const EXCESSIVE = {
  'many-stations': 'stations',
  'many-connectors': 'connectors',
  'deep-nesting': 'nesting',
} as const;
const FEEDS = [...Object.keys(EXCESSIVE), ...GOOD];

it(
  'a worker with a heap of 512 MB polls good feeds beside ones whose 14 MB hold a million records, and keeps what is now',
  { timeout: 480_000 },
  async () => {
    const system = await TestSystem.open();
    onTestFinished(() => system.close());
    const feed = await startFeed();
    for (const [name, shape] of Object.entries(EXCESSIVE))
      await feed.fail(name, { kind: 'excessive', shape, count: shape === 'nesting' ? 7_000_000 : 1_000_000 });
    await recordCollection(system.raw, {
      at: new Date(Date.now() - 3_600_000).toISOString(),
      reason: 'test',
      interval_minutes: INTERVAL_MINUTES,
      feeds: FEEDS.map((name) => ({ name, source: 'chargecloud', paused: false })),
      setting: null,
    });
    const worker = WorkerProcess.start(system, {
      LADEPULS_CHARGECLOUD_URL: feed.url,
      LADEPULS_QUEUES: 'acquire,load,current',
      NODE_OPTIONS: '--max-old-space-size=512',
    });
    onTestFinished(() => worker.end());

    const slot = await slotWithTimeLeft();
    const run = await system.client.workflow.start<typeof acquireSlot>('acquireSlot', {
      taskQueue: QUEUES.acquire,
      workflowId: `acquireSlot-${randomUUID()}`,
      args: [{ intervalMinutes: INTERVAL_MINUTES, slot: new Date(slot).toISOString() }],
    });
    expect(await run.result()).toMatchObject({
      stored: GOOD.length,
      failed: 3,
      missed: 0,
      notStored: {
        'many-stations': 'too_many_records',
        'many-connectors': 'too_many_records',
        'deep-nesting': 'too_complex',
      },
    });
    for (const name of GOOD)
      expect(await listRawSlot(system.raw, 'accepted', name, dayOf(slot, TIME_ZONE), slot)).toHaveLength(1);
    const shown = await system.query<{ feed: string }>(
      'select distinct feed from current_status order by feed',
    );
    expect(shown.map((row) => row.feed)).toEqual([...GOOD].sort());
    // Asked once each: the same answer again would do the same harm again.
    expect((await feed.log()).map((entry) => entry.feed).sort()).toEqual([...FEEDS].sort());
    await worker.stop();
  },
);

/** A simulated feed in a process of its own, so that making its answers takes no time of the test's. */
async function startFeed() {
  const options = JSON.stringify({
    fleet: { seed: 3, feeds: FEEDS, stationsPerFeed: 3 },
    stopWithInput: false,
  });
  const child = spawnTied([process.execPath, compiledFile('simulation/feed/process.js'), options], {});
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    fail: (name: string, fault: FaultInput) =>
      fetch(`${url}/_faults`, { method: 'POST', body: JSON.stringify({ fault, feeds: [name] }) }),
    log: async () => (await (await fetch(`${url}/_log`)).json()) as LogEntry[],
  };
}

/** The slot under way, once its polls have two minutes: near its end a feed is rightly not asked any more. */
async function slotWithTimeLeft(): Promise<number> {
  for (;;) {
    const slot = slotOf(Date.now(), INTERVAL_MINUTES);
    if (pollDeadline(slot, INTERVAL_MINUTES) - Date.now() > 120_000) return slot;
    await sleep(1_000);
  }
}
