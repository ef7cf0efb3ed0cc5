import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acquireActivities } from '../../src/app/activities.js';
import type { Outcome } from '../../src/domain/outcome.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import type { AnswerClient } from '../../src/sources/answer.js';
import { secretsIn } from '../../src/sources/auth/secret.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { getRaw } from '../../src/stores/raw.js';
import { type Stores, temporaryStores } from '../cleaning/support/stores.js';
import { ZONE } from '../cleaning/support/polls.js';
import { judge } from '../support/intake.js';
import { openAnswerClient } from './support/answerClient.js';
import { activityEnvironment } from './support/runActivity.js';

const SLOT = Date.UTC(2026, 5, 15, 10, 20);
const TOKEN = 'token-8f2c71a9e4';
const IN_BASE64 = Buffer.from(TOKEN).toString('base64');
const WRONG = 'wrong-90ab12cd34';
const now = () => SLOT + 3_000;

const folder = mkdtempSync(join(tmpdir(), 'ladepuls-secrets-'));
const file = join(folder, 'token');
let feed: SimulatedFeed;
let client: AnswerClient;
let stores: Stores;

beforeAll(async () => {
  feed = await startSimulatedFeed({
    contents: [simulateFleet({ seed: 1, feeds: ['koeln'], stationsPerFeed: 2 })],
    access: { headers: { authorization: `Token ${IN_BASE64}` } },
    now,
  });
  client = openAnswerClient({ readSecret: secretsIn({ LADEPULS_SECRET_TOKEN_FILE: file }), now });
});
afterAll(async () => {
  client.close();
  await feed.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  stores = temporaryStores();
  rmSync(file, { force: true });
  await collect(['token:TOKEN']);
});

async function collect(auth: string[], atMs = SLOT): Promise<void> {
  await recordCollection(stores.raw, {
    at: new Date(atMs).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: [{ name: 'koeln', source: 'chargecloud', paused: false, auth }],
    setting: null,
  });
}

function poll(attempt = 1): Promise<Outcome> {
  const { raw } = stores;
  const sources = { chargecloudUrl: feed.url };
  const { pollFeed } = acquireActivities({
    raw,
    client,
    judge,
    maxBodyBytes: 1_000_000,
    timeZone: ZONE,
    sources,
    now,
  });
  return activityEnvironment({ attempt }).run(() =>
    pollFeed({ feed: 'koeln', slot: SLOT, intervalMinutes: 10 }),
  );
}

async function failureOf(polled: Promise<Outcome>): Promise<ApplicationFailure & { outcome: Outcome }> {
  const error: unknown = await polled.then(
    () => expect.fail('the poll succeeded'),
    (reason: unknown) => reason,
  );
  expectNoSecret(inspect(error, { depth: Infinity, showHidden: true }));
  expectNoSecret(await rawText());
  return Object.assign(error as ApplicationFailure, {
    outcome: (error as ApplicationFailure).details?.[0] as Outcome,
  });
}

function expectNoSecret(text: string): void {
  for (const secret of [TOKEN, IN_BASE64, WRONG, Buffer.from(WRONG).toString('base64')])
    expect(text).not.toContain(secret);
}

async function rawText(): Promise<string> {
  const texts: string[] = [];
  for await (const { key } of stores.raw.list('')) {
    const bytes = await stores.raw.get(key);
    texts.push(key, (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
  }
  return texts.join('\n');
}

describe('a poll of a feed behind a token', () => {
  it('is stored, and the raw store has the name of the token alone', async () => {
    writeFileSync(file, `${TOKEN}\n`);
    const { outcome, key } = await poll();
    expect(outcome).toBe('stored');
    expect((await getRaw(stores.raw, key ?? '')).meta).toMatchObject({
      url: `${feed.url}/koeln`,
      reason: null,
    });
    const text = await rawText();
    expectNoSecret(text);
    expect(text).toContain('token:TOKEN');
  });

  it('that was refused is tried again, with the token that is there by then', async () => {
    writeFileSync(file, WRONG);
    const failure = await failureOf(poll(1));
    expect(failure).toMatchObject({ type: 'secret_refused', nonRetryable: false });
    expect(failure.message).toContain('the feed does not accept LADEPULS_SECRET_TOKEN');
    expect(failure.outcome).toMatchObject({ outcome: 'failed', reason: 'secret_refused' });
    const { meta, body } = await getRaw(stores.raw, failure.outcome.key ?? '');
    expect(meta).toMatchObject({ http_status: 401, reason: 'secret_refused' });
    expect(body.toString()).toContain('Invalid or missing credentials');
    writeFileSync(file, TOKEN);
    expect(await poll(2)).toMatchObject({ outcome: 'stored', attempts: 2 });
  });

  it.each([
    ['', 'secret_missing'],
    [null, 'secret_missing'],
    [`${TOKEN}\n${WRONG}`, 'secret_invalid'],
  ])('whose file has %j is missed without a request, and tried again', async (content, reason) => {
    if (content !== null) writeFileSync(file, content);
    const asked = feed.log.length;
    const failure = await failureOf(poll());
    expect(failure).toMatchObject({ type: reason, nonRetryable: false, category: 'BENIGN' });
    expect(failure.message).toContain('LADEPULS_SECRET_TOKEN_FILE');
    expect(failure.outcome).toMatchObject({ outcome: 'missed', reason, key: null });
    expect(feed.log).toHaveLength(asked);
  });

  it.each([['sesame:TOKEN'], ['token:TOKEN', 'bearer:TOKEN'], ['certificate:TOKEN']])(
    'with %j, which this version can not use, is misconfigured, and other feeds are polled',
    async (...auth) => {
      await collect(auth, SLOT + 1_000);
      expect(await failureOf(poll())).toMatchObject({ type: 'misconfigured', nonRetryable: true });
    },
  );
});
