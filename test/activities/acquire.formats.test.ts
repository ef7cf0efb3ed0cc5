import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { keepCurrent } from '../../src/activities/keepCurrent.js';
import { acquireActivities } from '../../src/app/activities.js';
import { cleanFeedDay } from '../../src/cleaning/clean.js';
import { dayOf } from '../../src/domain/day.js';
import type { Outcome } from '../../src/domain/outcome.js';
import type { FeedContent } from '../../src/simulation/feed/content.js';
import type { FaultInput } from '../../src/simulation/feed/faults.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import type { AnswerClient } from '../../src/sources/answer.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { readCoverage } from '../../src/stores/coverage.js';
import { getRaw } from '../../src/stores/raw.js';
import { openPostgresCurrent } from '../../src/warehouse/postgres/current.js';
import { readFacts, readFlat } from '../cleaning/support/flatFiles.js';
import { envelope, isoSeconds, point, station, ZONE } from '../cleaning/support/polls.js';
import { type Stores, temporaryStores } from '../cleaning/support/stores.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import { judge, readStatuses } from '../support/intake.js';
import { ABSENT_CASES_HINT, SHARED_CASES_ARE_ABSENT, sharedCase } from '../support/sharedCases.js';
import { openBench } from '../warehouse/support/loads.js';
import { query } from '../warehouse/support/query.js';
import { openAnswerClient } from './support/answerClient.js';
import { activityEnvironment, runActivity } from './support/runActivity.js';

const SLOT = Date.UTC(2026, 5, 15, 10, 20);
const DAY = dayOf(SLOT, ZONE);
const now = () => SLOT + 3_000;

/** Stations in the form of ChargeCloud. */
const KOELN: FeedContent = {
  feeds: ['koeln'],
  answer: () =>
    Promise.resolve(
      JSON.stringify(envelope(SLOT, [station('1', [point('11', 'CHARGING')]), station('2', [point('21')])])),
    ),
};
/** The body of a case, as text. */
const RHEIN: FeedContent = {
  feeds: ['rhein'],
  answer: () =>
    Promise.resolve(
      readFileSync(sharedCase('08-charset-ignored/body-latin1.json'), 'latin1').replace(
        '2026-11-20T00:00:00Z',
        isoSeconds(now()),
      ),
    ),
};

let feed: SimulatedFeed;
let client: AnswerClient;
let stores: Stores;

beforeAll(async () => {
  feed = await startSimulatedFeed({ contents: [KOELN, RHEIN], now });
  client = openAnswerClient({ now });
});
afterAll(async () => {
  client.close();
  await feed.stop();
});

beforeEach(async () => {
  stores = temporaryStores();
  await recordCollection(stores.raw, {
    at: new Date(SLOT).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: [
      { name: 'koeln', source: 'chargecloud', paused: false },
      { name: 'rhein', source: 'ocpi', url: `${feed.url}/rhein`, paused: false },
    ],
    setting: null,
  });
});
afterEach(() => feed.clearFaults());

const activities = () =>
  acquireActivities({
    raw: stores.raw,
    client,
    judge,
    maxBodyBytes: 1_000_000,
    timeZone: ZONE,
    sources: { chargecloudUrl: feed.url },
    now,
  });

/** Poll a feed that has a fault. */
function poll(fault: FaultInput, name = 'koeln'): Promise<Outcome> {
  feed.fail(fault, { times: 1 });
  const input = { feed: name, slot: SLOT, intervalMinutes: 10 };
  return activityEnvironment({ attempt: 1 }).run(() => activities().pollFeed(input));
}

/** Keep the current statuses that an outcome shows, in a warehouse of its own, and return them. */
async function currentOf(outcome: Outcome): Promise<unknown[][]> {
  const bench = await openBench(stores);
  await bench.warehouse.migrate();
  const current = openPostgresCurrent(bench.url);
  onTestFinished(() => current.close());
  const deps = { raw: stores.raw, readStatuses, current, bridgedSlots: 2 };
  await runActivity(keepCurrent, deps, { slot: SLOT, intervalMinutes: 10, outcomes: [outcome] });
  const rows = await query(bench.url, 'select id_cp, status from current_status order by id_cp');
  return rows.map((row) => Object.values(row));
}

/** Clean a feed's day, before and after sealing it, and return its cities and its issues. */
async function clean(name = 'koeln') {
  const results = [];
  for (const load of ['unsealed', 'sealed']) {
    const set = { day: DAY, load, feed: name };
    await cleanFeedDay(stores, set);
    const stations = await readFlat(stores.flat, set, 'charging_station_content_span');
    const issues = await readFlat(stores.flat, set, 'field_issue');
    results.push({
      cities: stations.map(({ city }) => city),
      facts: (await readFacts(stores.flat, set, 'charging_point_status_span')).length,
      issues: issues
        .filter(({ entity }) => entity === 'poll')
        .map(({ field, reason, value }) => [field, reason, value]),
    });
    await sealFeedDay(stores.raw, name, DAY);
  }
  const [before, after] = results;
  expect(after).toEqual(before);
  return before;
}

describe('an answer that is written in another way', () => {
  it.each<[FaultInput, string, string[] | null, string?]>([
    [{ kind: 'gzip_file' }, 'application/gzip', null],
    [{ kind: 'gzip_file', form: 'members' }, 'application/gzip', null],
    [{ kind: 'charset', charset: 'utf-8', byteOrderMark: true }, 'application/json; charset=utf-8', null],
    [{ kind: 'charset', charset: 'iso-8859-1' }, 'application/json; charset=iso-8859-1', null],
    [{ kind: 'charset', charset: 'utf-16le' }, 'application/json; charset=utf-16le', null],
    [
      { kind: 'charset', charset: 'utf-16be', declared: 'utf-16', byteOrderMark: true },
      'application/json; charset=utf-16',
      null,
    ],
    [
      { kind: 'charset', charset: 'utf-8', declared: 'iso-8859-1' },
      'application/json; charset=iso-8859-1',
      ['body', 'wrong_charset', '"iso-8859-1"'],
    ],
    [
      { kind: 'charset', charset: 'utf-8', declared: 'utf-7' },
      'application/json; charset=utf-7',
      ['body', 'unknown_charset', '"utf-7"'],
    ],
    [
      { kind: 'charset', charset: 'iso-8859-1', declared: 'utf-8' },
      'application/json; charset=utf-8',
      ['body', 'not_utf8', '"utf-8"'],
      'K\ufffdln',
    ],
  ])(
    '%o is read, live and in a load, and stays as it came',
    async (fault, contentType, issue, city = 'Köln') => {
      const outcome = await poll(fault);
      expect(outcome).toMatchObject({ outcome: 'stored', reason: null });
      const { meta, body } = await getRaw(stores.raw, outcome.key ?? '');
      const sha256 = createHash('sha256').update(body).digest('hex');
      expect(feed.log.at(-1)).toMatchObject({ sha256, bytes: body.length });
      expect(meta).toMatchObject({ content_type: contentType, sha256, length: body.length });
      expect(await currentOf(outcome)).toEqual([
        ['11', 'CHARGING'],
        ['21', 'AVAILABLE'],
      ]);
      const issues = issue === null ? [] : [issue];
      expect(await clean()).toEqual({ cities: [city, city], facts: 2, issues });
    },
  );

  it('is read in the charset that a very long header begins with', async () => {
    const declared = `iso-8859-1; ${'x'.repeat(5_000)}`;
    const { key } = await poll({ kind: 'charset', charset: 'iso-8859-1', declared });
    expect((await getRaw(stores.raw, key ?? '')).meta.content_type).toHaveLength(200);
    expect(await clean()).toMatchObject({ cities: ['Köln', 'Köln'], issues: [] });
  });
});

describe('an answer that is not the whole data', () => {
  it.each<[FaultInput, string, number]>([
    [{ kind: 'partial' }, 'http_206', 206],
    [{ kind: 'status', status: 226 }, 'http_226', 226],
    [{ kind: 'gzip_file', form: 'cut' }, 'cut_short', 200],
    [{ kind: 'gzip_file', form: 'damaged' }, 'bad_encoding', 200],
    [{ kind: 'gzip_file', form: 'twice' }, 'bad_encoding', 200],
    [{ kind: 'gzip_file', form: 'bomb' }, 'too_large', 200],
  ])('%o is rejected, kept apart as it came, and the coverage says why', async (fault, reason, status) => {
    const error: unknown = await poll(fault).then(
      () => expect.fail('the poll succeeded'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ApplicationFailure);
    const [outcome] = (error as ApplicationFailure).details as [Outcome];
    expect(outcome).toMatchObject({ feed: 'koeln', outcome: 'failed', reason });
    const { meta, body } = await getRaw(stores.raw, outcome.key ?? '');
    expect(outcome.key).toMatch(/^answers\/koeln\//);
    expect(meta).toMatchObject({ reason, http_status: status });
    expect(feed.log.at(-1)?.bytes).toBe(body.length);
    await activityEnvironment().run(() => activities().recordSlot({ slot: SLOT, outcomes: [outcome] }));
    const [coverage] = await readCoverage(stores.raw, {
      days: [DAY],
      timeZone: ZONE,
      nowMs: SLOT + 600_000,
      signal: new AbortController().signal,
    });
    expect(coverage).toMatchObject({ feed: 'koeln', gaps: [{ outcome: 'failed', reason, slots: 1 }] });
  });

  it('204 has nothing to read, and 203 is judged by its body', async () => {
    await expect(poll({ kind: 'status', status: 204 })).rejects.toThrow(/koeln: empty: /);
    await expect(poll({ kind: 'status', status: 203 })).rejects.toThrow(/koeln: no_status_code: /);
  });
});

describe.skipIf(SHARED_CASES_ARE_ABSENT)(`a body in ISO-8859-1${ABSENT_CASES_HINT}`, () => {
  it('is read in that charset where its Content-Type says so', async () => {
    await poll({ kind: 'charset', charset: 'iso-8859-1' }, 'rhein');
    expect(await clean('rhein')).toEqual({ cities: ['Köln'], facts: 1, issues: [] });
  });

  it('is flagged where its Content-Type says otherwise', async () => {
    await poll({ kind: 'charset', charset: 'iso-8859-1', declared: 'utf-8' }, 'rhein');
    expect(await clean('rhein')).toMatchObject({ facts: 1, issues: [['body', 'not_utf8', '"utf-8"']] });
  });
});
