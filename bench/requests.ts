import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatTable } from '../src/commands/console/table.js';
import { readConfig } from '../src/settings/config.js';
import { catchShutdownSignals } from '../src/local/shutdownSignals.js';
import { simulateFleet } from '../src/simulation/feed/fleet.js';
import { startSimulatedFeed } from '../src/simulation/feed/server.js';
import { openInstallation } from '../src/app/installation.js';
import { slotOf } from '../src/domain/slot.js';
import { recordCollection } from '../src/stores/collectionLog.js';
import { openStore } from '../src/stores/open.js';
import type { AcquireSlotResult } from '../src/workflows/acquireSlot.js';
import { QUEUES } from '../src/temporal/names.js';
import { startS3Server } from '../test/support/s3Server.js';
import { countActions } from './actions.js';
import { loadOnce } from './loadTimes.js';
import { removeHome } from './home.js';
import { fillRaw } from './polls.js';
import { countS3, type S3Counts } from './s3Counter.js';

const USAGE = `npm run bench:requests -- [--polls DIR] [--json FILE]

Counts what one slot and one day's load ask of S3 and of Temporal, and what that is in a month of 30 days.

  --polls DIR   recorded poll files of one day; default: the simulated fleet
  --json FILE   where the figures are written; default bench-requests.json`;

const { values: options } = parseArgs({
  options: {
    polls: { type: 'string' },
    json: { type: 'string', default: 'bench-requests.json' },
    help: { type: 'boolean', default: false },
  },
});

const DAYS = 30;
/** Minimum remaining time of a slot in which a slot run is started, in milliseconds. */
const LEFT_OF_SLOT_MS = 240_000;
/** Actions that a schedule adds to the workflow run that it starts. The run's history does not contain them. */
const ACTIONS_OF_SCHEDULE = 2;

interface Counted {
  s3: S3Counts;
  actions: number;
}

async function run(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'ladepuls-requests-'));
  const signals = catchShutdownSignals();
  const s3 = await startS3Server();
  const counter = await countS3(s3.endpoint);
  await s3.bucket('bench');
  const env = {
    ...process.env,
    ...s3.env,
    LADEPULS_HOME: home,
    RAW_STORE: 's3://bench/raw',
    FLAT_STORE: 's3://bench/flat',
  };
  const config = readConfig(env);
  const raw = openStore(config.stores.raw, s3.env);
  const feed = await startSimulatedFeed({
    contents: [simulateFleet({ seed: 7, feeds: [...config.polling.feeds] })],
  });
  try {
    console.log('writing raw …');
    const day = await fillRaw(raw, config, options.polls);
    await recordCollection(raw, {
      at: new Date(Date.now() - 3_600_000).toISOString(),
      reason: 'bench',
      interval_minutes: config.polling.intervalMinutes,
      feeds: config.polling.feeds.map((name) => ({ name, source: 'chargecloud', paused: false })),
      setting: null,
    });
    const installation = await openInstallation({
      config,
      env: { ...env, AWS_ENDPOINT_URL_S3: counter.endpoint, LADEPULS_CHARGECLOUD_URL: feed.url },
      needs: { temporal: true, postgres: true, worker: true },
      mode: 'command',
      signal: signals.stop,
      hurry: signals.hurry,
      onProgress: (line) => console.log(line),
    });
    try {
      const client = await installation.client();
      const slot = await freshSlot(config.polling.intervalMinutes);
      counter.take();
      const polling = await client.workflow.start('acquireSlot', {
        taskQueue: QUEUES.acquire,
        workflowId: 'bench-slot',
        args: [{ intervalMinutes: config.polling.intervalMinutes, slot: new Date(slot).toISOString() }],
      });
      const polled = (await polling.result()) as AcquireSlotResult;
      if (polled.stored < config.polling.feeds.length)
        throw new Error(
          `${polled.stored} of ${config.polling.feeds.length} feeds were stored: nothing was measured`,
        );
      const ofSlot = { s3: counter.take(), actions: await countActions(client, 'bench-slot') };
      const { workflowId } = await loadOnce(installation, day);
      const ofDay = { s3: counter.take(), actions: await countActions(client, workflowId) };
      await report(ofSlot, ofDay, (DAYS * 24 * 60) / config.polling.intervalMinutes);
    } finally {
      await installation.close();
    }
  } finally {
    await feed.stop();
    await raw.close();
    await counter.stop();
    await s3.stop();
    await removeHome(home);
    signals.dispose();
  }
}

/** Return the current slot, or wait for the next one when little time is left of the current one. */
async function freshSlot(intervalMinutes: number): Promise<number> {
  const slot = slotOf(Date.now(), intervalMinutes);
  const next = slot + intervalMinutes * 60_000;
  if (next - Date.now() > LEFT_OF_SLOT_MS) return slot;
  console.log('waiting for the next slot …');
  await sleep(next - Date.now());
  return next;
}

async function report(slot: Counted, day: Counted, slots: number): Promise<void> {
  const month = {
    s3: Object.fromEntries(
      Object.entries(slot.s3).map(([kind, count]) => [
        kind,
        count * slots + day.s3[kind as keyof S3Counts] * DAYS,
      ]),
    ) as unknown as S3Counts,
    actions: (slot.actions + ACTIONS_OF_SCHEDULE) * slots + (day.actions + ACTIONS_OF_SCHEDULE) * DAYS,
  };
  const row = (name: string, { s3, actions }: Counted) => [
    name,
    ...[s3.put, s3.get, s3.list, s3.head, s3.delete].map(String),
    (s3.sentBytes / 1e6).toFixed(1),
    (s3.receivedBytes / 1e6).toFixed(1),
    String(actions),
  ];
  console.log(
    formatTable(
      ['', 'PUT', 'GET', 'LIST', 'HEAD', 'DELETE', 'MB to S3', 'MB from S3', 'actions'],
      [row('a slot', slot), row('a day’s load', day), row(`${DAYS} days`, month)],
    ),
  );
  await writeFile(options.json, `${JSON.stringify({ slot, day, month }, null, 2)}\n`);
}

if (options.help) console.log(USAGE);
else await run();
