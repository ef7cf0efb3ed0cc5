import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { AcquireActivities } from '../../src/activities/registry.js';
import { acquireActivities } from '../../src/app/activities.js';
import { dayOf } from '../../src/domain/day.js';
import { judge } from '../support/intake.js';
import type { Outcome } from '../../src/domain/outcome.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import type { AnswerClient } from '../../src/sources/answer.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { readCoverage } from '../../src/stores/coverage.js';
import { drainSpool } from '../../src/stores/drainSpool.js';
import { openStore } from '../../src/stores/open.js';
import { getRaw, listRawSlot } from '../../src/stores/raw.js';
import { HASTY } from '../../src/stores/s3Client.js';
import { Spool, spoolFolder, spoolState } from '../../src/stores/spool.js';
import type { Store } from '../../src/stores/store.js';
import { StoreGate } from '../../src/stores/storeGate.js';
import { ZONE } from '../cleaning/support/polls.js';
import { type LineState, openS3Line, type S3Line } from '../support/s3Line.js';
import { type S3Server, startS3Server, whyNoS3Server } from '../support/s3Server.js';
import { openAnswerClient } from './support/answerClient.js';
import { activityEnvironment } from './support/runActivity.js';

const SLOT = Date.UTC(2026, 5, 15, 10, 20);
const DAY = dayOf(SLOT, ZONE);
const FEEDS = ['koeln', 'bonn', 'aachen'];
const FLEET = simulateFleet({ seed: 1, feeds: FEEDS, stationsPerFeed: 3 });
/** Patience of the worker: a poll waits a few seconds for S3. */
const PATIENCE = HASTY;

const noServer = await whyNoS3Server();
let server: S3Server;
let feed: SimulatedFeed;
let client: AnswerClient;
let clockMs = 3_000;
const now = () => SLOT + clockMs;

beforeAll(async () => {
  if (noServer !== null) return;
  server = await startS3Server();
  feed = await startSimulatedFeed({ contents: [FLEET], now });
  client = openAnswerClient({ now });
});
afterAll(async () => {
  if (noServer !== null) return;
  client.close();
  await feed.stop();
  await server.stop();
});

interface Poller {
  home: string;
  line: S3Line;
  /** Raw store behind the connection that tests break. */
  raw: Store;
  /** The same raw store, reached without that connection. */
  direct: Store;
  spool: Spool;
  gate: StoreGate;
  /** Create the activities of a worker that starts now. */
  start(other?: { spool?: Spool; gate?: StoreGate }): Activities;
}

type Activities = AcquireActivities;

let poller: Poller;
beforeEach(async () => {
  if (noServer !== null) return;
  clockMs = 3_000;
  poller = await openPoller();
});

async function openPoller(): Promise<Poller> {
  const home = await mkdtemp(join(tmpdir(), 'ladepuls-outage-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const bucket = `outage-${randomUUID()}`;
  await server.bucket(bucket);
  const line = await openS3Line(server.endpoint);
  const env = { ...server.env, AWS_ENDPOINT_URL_S3: line.endpoint };
  const raw = openStore(`s3://${bucket}`, env, { patience: PATIENCE });
  const direct = openStore(`s3://${bucket}`, server.env);
  onTestFinished(async () => {
    await Promise.all([raw.close(), direct.close(), line.close()]);
  });
  await recordCollection(direct, {
    at: new Date(SLOT - 3_600_000).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: FEEDS.map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
  const folder = spoolFolder(home);
  const spool = new Spool(folder, 1e6);
  const gate = new StoreGate(raw.url);
  const start: Poller['start'] = (other) =>
    acquireActivities({
      judge,
      maxBodyBytes: 1_000_000,
      raw: openStore(`s3://${bucket}`, env, { patience: PATIENCE }),
      spool,
      gate,
      collectionFile: join(folder, 'collection.json'),
      ...other,
      client,
      timeZone: ZONE,
      sources: { chargecloudUrl: feed.url },
      now,
    });
  return { home, line, raw, direct, spool, gate, start };
}

interface Plan {
  feeds: string[];
  paused: string[];
}

const plan = (activities: Activities) =>
  activityEnvironment().run<[], Plan, () => Promise<Plan>>(() => activities.planSlot({ slot: SLOT }));
const poll = (activities: Activities, name = 'koeln', attempt = 1) =>
  activityEnvironment({ attempt }).run<[], Outcome, () => Promise<Outcome>>(() =>
    activities.pollFeed({ feed: name, slot: SLOT, intervalMinutes: 10 }),
  );
const record = (activities: Activities, outcomes: Outcome[]) =>
  activityEnvironment({ workflowExecution: { workflowId: 'w', runId: 'run-1' } }).run(() =>
    activities.recordSlot({ slot: SLOT, outcomes }),
  );
const coverage = async () => {
  const span = { days: [DAY], timeZone: ZONE, nowMs: SLOT + 599_000, signal: new AbortController().signal };
  const covered = await readCoverage(poller.direct, span);
  return Object.fromEntries(covered.map(({ feed: name, total }) => [name, total]));
};

async function drain(): Promise<void> {
  const stop = new AbortController();
  const log = { info: () => undefined, warn: () => undefined };
  const draining = drainSpool(
    { spool: poller.spool, raw: poller.raw, log, onTaken: () => poller.gate.open() },
    stop.signal,
  );
  await expect
    .poll(() => spoolState(poller.home), { timeout: 60_000, interval: 50 })
    .toMatchObject({ objects: 0 });
  stop.abort();
  await draining;
}

describe.skipIf(noServer !== null)('a poll while S3 fails', () => {
  it.each<LineState>(['broken', 'hanging', 'refusing', 'busy', 'slow'])(
    'asks every feed once while S3 is %s, and its slot is stored when it is back',
    async (state) => {
      const activities = poller.start();
      expect((await plan(activities)).feeds).toEqual(FEEDS);
      poller.line.be(state);
      const asked = feed.log.length;
      expect((await plan(activities)).feeds).toEqual(FEEDS);
      const outcomes = await Promise.all(FEEDS.map((name) => poll(activities, name)));
      expect(feed.log.length - asked).toBe(FEEDS.length);
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ outcome: 'missed', reason: 'spooled', attempts: 1 });
      // A retry, as after a lost response to Temporal. The answer is in the spool already.
      expect(await poll(activities, 'koeln', 2)).toMatchObject({ reason: 'spooled', key: outcomes[0]?.key });
      expect(feed.log.length - asked).toBe(FEEDS.length);
      await record(activities, outcomes);
      expect((await coverage()).koeln).toMatchObject({ expected: 7, stored: 0 });
      poller.line.be('through');
      await drain();
      const covered = await coverage();
      for (const name of FEEDS)
        expect(covered[name]).toMatchObject({ stored: 1, reasons: { not_running: 6 } });
      const [object] = await listRawSlot(poller.direct, 'accepted', 'koeln', DAY, SLOT);
      expect(object?.key).toBe(outcomes[0]?.key);
      expect((await getRaw(poller.direct, object?.key ?? '')).body.toString()).toBe(
        FLEET.envelope('koeln', now()),
      );
    },
  );

  it('is asked for what was collected last, also by a poller that starts while S3 is down', async () => {
    await plan(poller.start());
    poller.line.be('broken');
    const activities = poller.start();
    expect((await plan(activities)).feeds).toEqual(FEEDS);
    expect(await poll(activities)).toMatchObject({ reason: 'spooled' });
  });

  it('does not take nothing known for nothing to poll', async () => {
    poller.line.be('broken');
    await expect(plan(poller.start())).rejects.toThrow(/s3:\/\//);
  });

  it('goes on with what the raw store has as soon as that answers', async () => {
    const activities = poller.start();
    await plan(activities);
    poller.line.be('flapping');
    const outcomes = await Promise.all(FEEDS.map((name) => poll(activities, name)));
    for (const { reason } of outcomes) expect([null, 'spooled']).toContain(reason);
    poller.line.be('through');
    await drain();
    for (const name of FEEDS) {
      expect(await poll(activities, name, 2)).toMatchObject({ outcome: 'stored' });
      expect(await listRawSlot(poller.direct, 'accepted', name, DAY, SLOT)).toHaveLength(1);
    }
  });

  it('keeps a wrong answer too, and the reason that it gives', async () => {
    const activities = poller.start();
    await plan(activities);
    poller.line.be('broken');
    clockMs = 537_000; // no second attempt fits
    feed.fail({ kind: 'status', status: 500 }, { times: 1 });
    const failure = await poll(activities).then(
      () => expect.fail('the poll succeeded'),
      (error: unknown) => error as { details: Outcome[] },
    );
    const [outcome] = failure.details;
    expect(outcome).toMatchObject({ outcome: 'failed', reason: 'http_500' });
    await record(activities, outcome ? [outcome] : []);
    poller.line.be('through');
    await drain();
    expect((await coverage()).koeln).toMatchObject({ failed: 1, reasons: { http_500: 1, not_running: 6 } });
  });

  it('says what could not be stored anywhere, and asks the feed no second time', async () => {
    await plan(poller.start());
    poller.line.be('broken');
    const activities = poller.start({
      spool: new Spool(spoolFolder(poller.home), 1_500), // room for the record alone
      gate: new StoreGate(poller.raw.url, 0),
    });
    const outcomes: Outcome[] = [];
    const asked = feed.log.length;
    for (const name of FEEDS) outcomes.push(await poll(activities, name));
    expect(feed.log.length - asked).toBe(FEEDS.length);
    const lost = outcomes.filter(({ reason }) => reason === 'store_failed');
    expect(lost.length).toBeGreaterThan(0);
    for (const outcome of lost) expect(outcome).toMatchObject({ outcome: 'missed', key: null, attempts: 1 });
    poller.line.be('through');
    await record(activities, outcomes);
    await drain();
    const covered = await coverage();
    for (const { feed: name } of lost)
      expect(covered[name]).toMatchObject({ missed: 7, reasons: { store_failed: 1, not_running: 6 } });
  });
});
