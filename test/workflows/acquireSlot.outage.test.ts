import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { dayOf } from '../../src/domain/day.js';
import { readCoverage } from '../../src/stores/coverage.js';
import { drainSpool } from '../../src/stores/drainSpool.js';
import { openStore } from '../../src/stores/open.js';
import { Spool, spoolFolder, spoolState } from '../../src/stores/spool.js';
import type { Store } from '../../src/stores/store.js';
import { StoreGate } from '../../src/stores/storeGate.js';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.js';
import { ZONE } from '../cleaning/support/polls.js';
import { openS3Line } from '../support/s3Line.js';
import { type S3Server, startS3Server, whyNoS3Server } from '../support/s3Server.js';
import { openTestClient } from '../support/temporal.js';
import { openPolling, SLOT } from './support/polling.js';
import { startRun } from './support/runs.js';

const DAY = dayOf(SLOT, ZONE);
const INPUT = { intervalMinutes: 10, slot: new Date(SLOT).toISOString() };
const ACTIVE = { paused: false };
const SILENT = { info: () => undefined, warn: () => undefined };
/** Factor by which the clock is accelerated: the slot takes a third of a minute. */
const SPEED = 30;

const noServer = await whyNoS3Server();
let client: Client;
let server: S3Server;
beforeAll(async () => {
  client = await openTestClient();
  if (noServer === null) server = await startS3Server();
});
afterAll(async () => {
  await client.connection.close();
  if (noServer === null) await server.stop();
});

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ladepuls-outage-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
});

/** Read the outcome of the slot from the raw store alone. */
async function slotOutcome(raw: Store): Promise<unknown> {
  const span = { days: [DAY], timeZone: ZONE, nowMs: SLOT + 599_000, signal: new AbortController().signal };
  const [koeln] = await readCoverage(raw, span);
  return { stored: koeln?.total.stored, ...koeln?.total.reasons };
}

describe.skipIf(noServer !== null)('a slot in which S3 does not answer', () => {
  it('is polled in time, and is stored once S3 is back', { timeout: 120_000 }, async () => {
    const bucket = `outage-${randomUUID()}`;
    await server.bucket(bucket);
    const line = await openS3Line(server.endpoint);
    const env = { ...server.env, AWS_ENDPOINT_URL_S3: line.endpoint };
    const raw = openStore(`s3://${bucket}`, env);
    onTestFinished(async () => {
      await raw.close();
      await line.close();
    });
    const spool = new Spool(spoolFolder(home), 1e6);
    const beganMs = Date.now();
    const now = () => SLOT + 3_000 + (Date.now() - beganMs) * SPEED;
    const { feed, activities } = await openPolling({ koeln: ACTIVE }, 0, null, { raw, spool, now });
    await activities.planSlot({ slot: SLOT }); // the feeds are known from the slot before
    line.be('hanging');
    const run = await startRun(client, 'acquireSlot', activities, INPUT);
    expect(await run.result()).toMatchObject({ missed: 1, notStored: { koeln: 'spooled' } });
    expect(feed.log).toHaveLength(1);
    const { objects } = await spoolState(home);
    expect(objects).toBe(2); // the answer, and the record of the run
    line.be('through');
    const stop = new AbortController();
    const draining = drainSpool({ spool, raw, log: SILENT }, stop.signal);
    await expect.poll(() => spoolState(home), { timeout: 30_000 }).toMatchObject({ objects: 0 });
    stop.abort();
    await draining;
    expect(await slotOutcome(raw)).toEqual({ stored: 1, not_running: 6 });
  });
});

it('says which feeds could not be stored at all, also before that can be recorded, and records it then', async () => {
  const folder = join(home, 'raw');
  const raw = openStore(`file:${folder}`);
  const gate = new StoreGate('raw', 0);
  const { feed, activities } = await openPolling({ koeln: ACTIVE }, 3_000, null, { raw, gate });
  await activities.planSlot({ slot: SLOT });
  // Like a missing disk: nothing can be written or read.
  await rename(folder, `${folder}-elsewhere`);
  await writeFile(folder, '');
  const run = await startRun(client, 'acquireSlot', activities, INPUT);
  const notStored = async () =>
    (await run.describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.feedsNotStored);
  await expect.poll(notStored, { timeout: 30_000 }).toEqual(['koeln']);
  expect((await run.describe()).status.name).toBe('RUNNING');
  await rm(folder);
  await rename(`${folder}-elsewhere`, folder);
  expect(await run.result()).toMatchObject({ missed: 1, notStored: { koeln: 'store_failed' } });
  expect(feed.log).toHaveLength(1);
  expect(await slotOutcome(raw)).toEqual({ stored: 0, store_failed: 1, not_running: 6 });
});
