import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { PollInput } from '../../src/activities/acquire/deps.js';
import type { SlotPlan } from '../../src/activities/acquire/planSlot.js';
import { acquireActivities } from '../../src/app/activities.js';
import { dayOf } from '../../src/domain/day.js';
import type { Outcome } from '../../src/domain/outcome.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import type { FaultInput } from '../../src/simulation/feed/faults.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { createIntake } from '../../src/intake/intake.js';
import type { AnswerClient } from '../../src/sources/answer.js';
import { DEFAULT_LIMITS } from '../../src/sources/answerLimits.js';
import { type FeedState, recordCollection } from '../../src/stores/collectionLog.js';
import { getRaw, listRawSlot } from '../../src/stores/raw.js';
import { getSlotRun, listSlotRuns } from '../../src/stores/slotRuns.js';
import { type Stores, temporaryStores } from '../cleaning/support/stores.js';
import { ZONE } from '../cleaning/support/polls.js';
import { judge } from '../support/intake.js';
import { openAnswerClient } from './support/answerClient.js';
import { activityEnvironment } from './support/runActivity.js';

const SLOT = Date.UTC(2026, 5, 15, 10, 20);
const DAY = dayOf(SLOT, ZONE);
const FLEET = simulateFleet({ seed: 1, feeds: ['koeln', 'bonn'], stationsPerFeed: 3 });

/** Clock of the feed and of the activities, in milliseconds from the start of the slot. */
let clockMs = 0;
const now = () => SLOT + clockMs;

let feed: SimulatedFeed;
let client: AnswerClient;
let stores: Stores;

beforeAll(async () => {
  feed = await startSimulatedFeed({ contents: [FLEET], now });
  client = openAnswerClient({ now });
});
afterAll(async () => {
  client.close();
  await feed.stop();
});

beforeEach(async () => {
  clockMs = 3_000;
  stores = temporaryStores();
  await collect({ koeln: {}, bonn: { paused: true } });
});
afterEach(() => feed.clearFaults());

/** Record in the collection log that these feeds are collected from `atMs` on. Default: for an hour. */
async function collect(feeds: Record<string, Partial<FeedState>>, atMs = SLOT - 3_600_000): Promise<void> {
  await recordCollection(stores.raw, {
    at: new Date(atMs).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: Object.entries(feeds).map(([name, fields]) => ({
      name,
      source: 'chargecloud',
      paused: false,
      ...fields,
    })),
    setting: null,
  });
}

const activities = (judging = judge) =>
  acquireActivities({
    raw: stores.raw,
    client,
    judge: judging,
    maxBodyBytes: 1_000_000,
    timeZone: ZONE,
    sources: { chargecloudUrl: feed.url },
    now,
  });

function poll(input: Partial<PollInput> = {}, info: Partial<Info> = {}, judging = judge): Promise<Outcome> {
  const whole = { feed: 'koeln', slot: SLOT, intervalMinutes: 10, ...input };
  return activityEnvironment(info).run(() => activities(judging).pollFeed(whole));
}

async function failureOf(polled: Promise<Outcome>): Promise<ApplicationFailure & { outcome: Outcome }> {
  const error: unknown = await polled.then(
    () => expect.fail('the poll succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  const failure = error as ApplicationFailure;
  return Object.assign(failure, { outcome: failure.details?.[0] as Outcome });
}

const kept = (kind: 'accepted' | 'rejected', name = 'koeln') =>
  listRawSlot(stores.raw, kind, name, DAY, SLOT);
const requests = () => feed.log.length;

describe('planSlot', () => {
  const plan = () => activityEnvironment().run(() => activities().planSlot({ slot: SLOT }));

  it('tells the feeds to poll from those that are paused', async () => {
    expect(await plan()).toEqual({ feeds: ['koeln'], paused: ['bonn'] });
  });

  it('follows a change in the slot that runs now, and not one after a slot that is over', async () => {
    await collect({ bonn: {} }, SLOT + 1_000);
    expect(await plan()).toEqual({ feeds: ['bonn'], paused: [] });
    clockMs = 600_000;
    expect(await plan()).toEqual({ feeds: ['koeln'], paused: ['bonn'] });
  });
});

describe('a feed with an interval of its own', () => {
  const EARLIER = SLOT - 3_000_000;
  const planAt = (slot: number): Promise<SlotPlan> =>
    activityEnvironment().run(() => activities().planSlot({ slot }));

  it('is planned in its own slots, and named with its interval', async () => {
    await collect({
      koeln: {},
      bonn: { interval_minutes: 30 },
      kiel: { interval_minutes: 60, paused: true },
    });
    const hour = Date.UTC(2026, 5, 15, 10);
    const plans = [];
    for (const minutes of [0, 10, 20, 30]) plans.push(await planAt(hour + minutes * 60_000));
    expect(plans).toEqual([
      { feeds: ['koeln', 'bonn'], paused: ['kiel'], intervals: { bonn: 30, kiel: 60 } },
      { feeds: ['koeln'], paused: [] },
      { feeds: ['koeln'], paused: [] },
      { feeds: ['koeln', 'bonn'], paused: [], intervals: { bonn: 30 } },
    ]);
  });

  it('is polled in slots of both, where the interval of the installation is no divisor any more', async () => {
    await recordCollection(stores.raw, {
      at: new Date(EARLIER).toISOString(),
      reason: 'test',
      interval_minutes: 20,
      feeds: [{ name: 'bonn', source: 'chargecloud', paused: false, interval_minutes: 30 }],
      setting: null,
    });
    const hour = Date.UTC(2026, 5, 15, 10);
    const feeds = [];
    for (const minutes of [0, 20, 40]) feeds.push((await planAt(hour + minutes * 60_000)).feeds);
    expect(feeds).toEqual([['bonn'], [], []]);
  });

  it('has the new interval from the next slot on, when it changes in the running slot', async () => {
    await collect({ bonn: {} }, EARLIER);
    await collect({ bonn: { interval_minutes: 30 } }, SLOT + 1_000);
    expect(await planAt(SLOT)).toEqual({ feeds: ['bonn'], paused: [], intervals: { bonn: 30 } });
    expect(await planAt(SLOT - 600_000)).toEqual({ feeds: ['bonn'], paused: [] });
    clockMs = 600_000;
    expect(await planAt(SLOT + 600_000)).toEqual({ feeds: ['bonn'], paused: [], intervals: { bonn: 30 } });
  });
});

it("an answer above the feed's own limit is too large, and one below it is stored", async () => {
  const size = Buffer.byteLength(FLEET.envelope('koeln', now()));
  await collect({ koeln: { max_body_bytes: size - 1 } }, SLOT);
  expect(await failureOf(poll())).toMatchObject({ type: 'too_large', outcome: { reason: 'too_large' } });
  await collect({ koeln: { max_body_bytes: size } }, SLOT + 1);
  expect(await poll()).toMatchObject({ outcome: 'stored' });
});

describe('a poll that is answered well', () => {
  it('is stored as it came, with what is known of the request', async () => {
    const outcome = await poll({}, { attempt: 2 });
    const [object] = await kept('accepted');
    expect(outcome).toEqual({
      feed: 'koeln',
      outcome: 'stored',
      reason: null,
      key: object?.key,
      attempts: 2,
    });
    const { body, meta } = await getRaw(stores.raw, object?.key ?? '');
    expect(body.toString()).toBe(FLEET.envelope('koeln', now()));
    expect(meta).toMatchObject({
      feed: 'koeln',
      source: 'chargecloud',
      url: `${feed.url}/koeln`,
      slot: '20260615T1020Z',
      origin: 'poll',
      started_at: new Date(now()).toISOString(),
      received_at: new Date(now()).toISOString(),
      http_status: 200,
      content_type: 'application/json',
      attempts: 2,
      reason: null,
    });
    expect(await kept('rejected')).toEqual([]);
  });

  it('is not repeated: a slot that has its body is not polled again, however late', async () => {
    const first = await poll();
    const asked = requests();
    clockMs = 7 * 86_400_000;
    expect(await poll()).toEqual(first);
    expect(requests()).toBe(asked);
    expect(await kept('accepted')).toHaveLength(1);
  });

  it('asks the address that the feed itself names', async () => {
    await collect({ mine: { url: `${feed.url}/bonn` } }, SLOT);
    const { key } = await poll({ feed: 'mine' });
    expect(key).toMatch(/^polls\/mine\//);
    expect((await getRaw(stores.raw, key ?? '')).body.toString()).toBe(FLEET.envelope('bonn', now()));
  });
});

describe('a feed whose address has a password and a key', () => {
  const SECRETS = /pass-?word|4711/;
  let guarded: Server;
  let status = 200;
  beforeEach(async () => {
    guarded = createServer((request, response) => {
      const isKnown =
        request.headers.authorization === `Basic ${Buffer.from('me:pass-word').toString('base64')}` &&
        request.url === '/koeln?key=4711';
      response.writeHead(isKnown ? status : 401).end(FLEET.envelope('koeln', now()));
    }).listen(0, '127.0.0.1');
    await once(guarded, 'listening');
    const { port } = guarded.address() as AddressInfo;
    await collect({ koeln: { url: `http://me:pass-word@127.0.0.1:${port}/koeln?key=4711` } }, SLOT);
    return () => {
      guarded.closeAllConnections();
      guarded.close();
    };
  });

  /** Return everything in the raw store except the collection log. */
  async function rawText(): Promise<string> {
    const texts: string[] = [];
    for await (const { key } of stores.raw.list('')) {
      if (key.startsWith('collection/')) continue;
      const bytes = await stores.raw.get(key);
      texts.push(key, (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
    }
    return texts.join('\n');
  }

  it('is asked with them, and raw shows neither', async () => {
    status = 200;
    const { outcome, key } = await poll();
    expect(outcome).toBe('stored');
    const { meta } = await getRaw(stores.raw, key ?? '');
    expect(meta.url).toMatch(/^http:\/\/…@127\.0\.0\.1:\d+\/koeln\?key=…$/);
    expect(await rawText()).not.toMatch(SECRETS);
  });

  it.each(['answers wrongly', 'does not answer'])('%s, and no failure shows them', async (what) => {
    status = 503;
    if (what === 'does not answer') {
      guarded.close();
      await once(guarded, 'close');
    }
    const failure = await failureOf(poll());
    expect(failure.message).toMatch(/http:\/\/…@127\.0\.0\.1:\d+\/koeln\?key=…/);
    expect(JSON.stringify([failure, failure.message, failure.stack, failure.details])).not.toMatch(SECRETS);
    expect(inspect(failure, { depth: Infinity })).not.toMatch(SECRETS);
    expect(await rawText()).not.toMatch(SECRETS);
  });
});

describe('a slot that can not be polled', () => {
  it.each([
    ['is over', 540_000, 'late'],
    ['has less than a second left', 539_001, 'late'],
    ['is days ago', 3 * 86_400_000, 'late'],
    ['was given by hand and is yet to come', -3_600_000, 'early'],
  ])('since it %s, is missed without a request', async (_, ms, reason) => {
    clockMs = ms;
    const asked = requests();
    expect(await poll()).toEqual({ feed: 'koeln', outcome: 'missed', reason, key: null, attempts: 0 });
    expect(requests()).toBe(asked);
    expect(await kept('accepted')).toEqual([]);
  });

  it('is polled where a clock lags by a second, or has a second left', async () => {
    clockMs = -1_000;
    expect(await poll()).toMatchObject({ outcome: 'stored' });
    clockMs = 539_000;
    await collect({ bonn: {} }, SLOT + 1);
    expect(await poll({ feed: 'bonn' })).toMatchObject({ outcome: 'stored' });
  });

  it('has failed, and says why, where an attempt in time was answered wrongly', async () => {
    feed.fail({ kind: 'status', status: 500 }, { times: 1 });
    const { outcome } = await failureOf(poll());
    clockMs = 541_000;
    expect(await poll({}, { attempt: 2 })).toEqual({ ...outcome, reason: 'http_500', attempts: 1 });
  });
});

describe('a poll that is not answered well', () => {
  /** Fault, its reason, the HTTP status, and the beginning of the stored answer; null when nothing is stored. */
  const FAULTS: [fault: FaultInput, reason: string, status: number | null, begin: string | null][] = [
    [{ kind: 'refuse' }, 'reset', null, null],
    [{ kind: 'cut', where: 'length' }, 'cut_short', 200, '{"data":[{'],
    [{ kind: 'cut', where: 'chunks' }, 'cut_short', 200, '{"data":[{'],
    [{ kind: 'cut', where: 'gzip' }, 'cut_short', 200, '{"data":[{'],
    [{ kind: 'status', status: 429 }, 'http_429', 429, '{"message":'],
    [{ kind: 'status', status: 500 }, 'http_500', 500, '{"message":'],
    [{ kind: 'status', status: 404 }, 'http_404', 404, '{"message":'],
    [{ kind: 'html' }, 'not_json', 200, '<!DOCTYPE html>'],
    [{ kind: 'status_code', statusCode: 3000 }, 'status_code_3000', 200, '{"data":[]'],
    [{ kind: 'truncated_json' }, 'not_json', 200, '{"data":[{'],
    [{ kind: 'wrong_encoding' }, 'bad_encoding', 200, ''],
    [{ kind: 'huge', bytes: 5_000_000 }, 'too_large', 200, ''],
    [{ kind: 'huge', bytes: 5_000_000, compressed: true }, 'too_large', 200, ''],
  ];

  it.each(FAULTS)('%o fails as %s, to be tried again, and what came is kept apart', async (...args) => {
    const [fault, reason, status, begin] = args;
    feed.fail(fault, { times: 1 });
    const failure = await failureOf(poll({}, { attempt: 1 }));
    expect(failure).toMatchObject({ type: reason, nonRetryable: false, category: 'BENIGN' });
    expect(failure.message).toContain(`koeln: ${reason}: `);
    const answers = await kept('rejected');
    expect(answers).toHaveLength(begin === null ? 0 : 1);
    const key = answers[0]?.key ?? null;
    const outcome = key === null ? 'missed' : 'failed';
    expect(failure.outcome).toEqual({ feed: 'koeln', outcome, reason, key, attempts: 1 });
    if (key !== null) {
      const { meta, body } = await getRaw(stores.raw, key);
      expect(meta).toMatchObject({ reason, http_status: status, feed: 'koeln', length: body.length });
      expect(body.toString('latin1')).toContain(begin);
      expect(body.length).toBeGreaterThan(0);
    }
    expect(await kept('accepted')).toEqual([]);
    expect(await poll({}, { attempt: 2 })).toMatchObject({ outcome: 'stored', attempts: 2 });
  });

  it.each<FaultInput>([{ kind: 'empty_data' }, { kind: 'wrong_encoding', encoding: 'latin1' }])(
    '%o is a good answer all the same: it says what the feed shows',
    async (fault) => {
      feed.fail(fault, { times: 1 });
      expect(await poll()).toMatchObject({ outcome: 'stored' });
    },
  );

  it('ends at the end of its slot: nothing is waited for any longer', async () => {
    clockMs = 538_500; // a second and a half before the deadline
    feed.fail({ kind: 'hang' }, { times: 1 });
    const failure = await failureOf(poll());
    expect(failure).toMatchObject({ type: 'timeout', nonRetryable: true });
    expect(failure.outcome).toMatchObject({ outcome: 'missed', reason: 'timeout', key: null });
  });

  it('is refused where nobody listens', async () => {
    await collect({ koeln: { url: 'http://127.0.0.1:1/' } }, SLOT);
    expect((await failureOf(poll())).outcome).toMatchObject({ outcome: 'missed', reason: 'refused' });
  });

  it('has failed where an earlier attempt was answered, though this one was not', async () => {
    feed.fail({ kind: 'html' }, { times: 1 });
    const first = await failureOf(poll());
    feed.fail({ kind: 'refuse' }, { times: 1 });
    const second = await failureOf(poll({}, { attempt: 2 }));
    expect(second.outcome).toEqual({ ...first.outcome, reason: 'reset', attempts: 2 });
  });
});

it.each([
  ['stations', 'too_many_records'],
  ['numbers', 'too_many_records'],
] as const)(
  'an answer with too many %s is kept apart, and the feed is not asked again in the slot',
  async (...args) => {
    const [shape, reason] = args;
    const strict = createIntake({ limits: { ...DEFAULT_LIMITS, maxRecords: 1_000 } });
    onTestFinished(() => strict.close());
    feed.fail({ kind: 'excessive', shape, count: 60_000 }, { times: 1 });
    const failure = await failureOf(poll({}, { attempt: 1 }, strict.judge));
    expect(failure).toMatchObject({ type: reason, nonRetryable: true, category: 'BENIGN' });
    expect(failure.message).toContain(`koeln: ${reason}: `);
    const [answer] = await kept('rejected');
    expect(failure.outcome).toMatchObject({ feed: 'koeln', outcome: 'failed', reason, key: answer?.key });
    expect((await getRaw(stores.raw, answer?.key ?? '')).meta).toMatchObject({ reason, http_status: 200 });
    expect(await kept('accepted')).toEqual([]);
  },
);

it('a redirect that is refused is a failure for good in its slot', async () => {
  const server = createServer((_, response) =>
    response.writeHead(302, { Location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await collect({ koeln: { url: `http://127.0.0.1:${port}/` } }, SLOT);
  const failure = await failureOf(poll());
  expect(failure).toMatchObject({ type: 'redirect_refused', nonRetryable: true });
  expect(failure.outcome).toMatchObject({ outcome: 'missed', reason: 'redirect_refused', key: null });
});

describe('the next attempt', () => {
  const attempt = async (number: number, fault: FaultInput = { kind: 'status', status: 500 }) => {
    feed.fail(fault, { times: 1 });
    return failureOf(poll({}, { attempt: number }));
  };

  it('waits three times as long as the one before', async () => {
    const delays = [];
    for (const number of [1, 2, 3]) delays.push((await attempt(number)).nextRetryDelay);
    expect(delays).toEqual([4_000, 12_000, 36_000]);
  });

  it('waits as long as the server asks for, and is none where that is not within the slot', async () => {
    const asked = (retryAfterSeconds: number) =>
      attempt(1, { kind: 'status', status: 503, retryAfterSeconds });
    expect(await asked(120)).toMatchObject({ nextRetryDelay: 120_000, nonRetryable: false });
    expect(await asked(3_600)).toMatchObject({ nonRetryable: true });
  });

  it('is none where the slot is over before', async () => {
    clockMs = 534_000;
    expect(await attempt(1)).toMatchObject({ nonRetryable: false });
    clockMs = 536_000;
    expect(await attempt(1)).toMatchObject({ nonRetryable: true });
  });
});

describe('a feed that is no longer as it was planned', () => {
  it.each<[string, Record<string, Partial<FeedState>>, RegExp]>([
    ['was removed', { bonn: {} }, /koeln is no longer collected/],
    ['has an unknown source', { koeln: { source: 'atlantis' } }, /no source "atlantis".*chargecloud, ocpi/],
    ['has no address', { koeln: { source: 'ocpi' } }, /koeln has no address.*--url/],
  ])('since it %s, is missed for good, and the reason says what to do', async (_, feeds, message) => {
    await collect(feeds, SLOT + 1_000);
    const failure = await failureOf(poll());
    expect(failure).toMatchObject({ type: 'misconfigured', nonRetryable: true });
    expect(failure.message).toMatch(message);
    expect(failure.outcome).toEqual({
      feed: 'koeln',
      outcome: 'missed',
      reason: 'misconfigured',
      key: null,
      attempts: 0,
    });
  });
});

it('a poll that is cancelled ends at once', async () => {
  feed.fail({ kind: 'hang' }, { times: 1 });
  const environment = activityEnvironment();
  const asked = requests();
  const input = { feed: 'koeln', slot: SLOT, intervalMinutes: 10 };
  const failed = failureOf(
    environment.run<[], Outcome, () => Promise<Outcome>>(() => activities().pollFeed(input)),
  );
  await expect.poll(requests).toBe(asked + 1);
  environment.cancel('CANCELLED');
  expect(await failed).toMatchObject({ type: 'aborted' });
});

it('recordSlot keeps the outcomes of its run, once', async () => {
  const outcomes = [await poll()];
  const info = { workflowExecution: { workflowId: 'acquireSlot-x', runId: 'run-1' } };
  for (let times = 0; times < 2; times++) {
    clockMs += 1_000;
    await activityEnvironment(info).run(() => activities().recordSlot({ slot: SLOT, outcomes }));
  }
  const records = [];
  for await (const { key } of listSlotRuns(stores.raw, DAY)) records.push(await getSlotRun(stores.raw, key));
  expect(records).toEqual([
    {
      version: 1,
      slot: '20260615T1020Z',
      workflow_id: 'acquireSlot-x',
      run_id: 'run-1',
      recorded_at: new Date(SLOT + 4_000).toISOString(),
      outcomes,
    },
  ]);
});
