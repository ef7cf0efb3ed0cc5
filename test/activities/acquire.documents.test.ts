import fc from 'fast-check';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acquireActivities } from '../../src/app/activities.js';
import { cleanFeedDay } from '../../src/cleaning/clean.js';
import { readStatuses } from '../../src/cleaning/statuses.js';
import { dayOf } from '../../src/domain/day.js';
import type { Outcome } from '../../src/domain/outcome.js';
import type { FeedContent } from '../../src/simulation/feed/content.js';
import type { FaultInput } from '../../src/simulation/feed/faults.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { PAGING_WAYS, type PagingInput } from '../../src/simulation/feed/pages.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import type { AnswerClient } from '../../src/sources/answer.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { documentsOf, getRaw, listRawSlot } from '../../src/stores/raw.js';
import { type FlatRow, readFacts, readFlat } from '../cleaning/support/flatFiles.js';
import { ZONE } from '../cleaning/support/polls.js';
import { makeStores, type Stores, temporaryStores } from '../cleaning/support/stores.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import { judge } from '../support/intake.js';
import { openAnswerClient } from './support/answerClient.js';
import { activityEnvironment } from './support/runActivity.js';

const SLOT = Date.UTC(2026, 5, 15, 10, 20);
const DAY = dayOf(SLOT, ZONE);
const now = () => SLOT + 3_000;
const STATIONS = 7;

/** The same stations behind each way of paging, and on one page. */
const FEEDS = ['whole', ...PAGING_WAYS];
const FLEET = simulateFleet({ seed: 1, feeds: ['koeln'], stationsPerFeed: STATIONS });
const CONTENT: FeedContent = {
  feeds: FEEDS,
  answer: (request) => FLEET.answer({ ...request, feed: 'koeln' }),
};

let client: AnswerClient;
let stores: Stores;

beforeAll(() => {
  client = openAnswerClient({ now });
});
afterAll(() => client.close());
beforeEach(() => {
  stores = temporaryStores();
});

async function serve(paging: PagingInput = { size: 3 }, contents = [CONTENT]): Promise<SimulatedFeed> {
  const ways = PAGING_WAYS.map((way) => [way, { ...paging, way }] as const);
  return startSimulatedFeed({ contents, now, paging: Object.fromEntries(ways) });
}

/** Poll a feed once, as one attempt. The source is OCPI, whose envelopes may have `items`. */
async function poll(feed: SimulatedFeed, name: string, { raw }: Stores = stores): Promise<Outcome> {
  await recordCollection(raw, {
    at: new Date(SLOT - 3_600_000).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: FEEDS.map((each) => ({ name: each, source: 'ocpi', url: `${feed.url}/${each}`, paused: false })),
    setting: null,
  });
  const activities = acquireActivities({
    raw,
    client,
    judge,
    maxBodyBytes: 1_000_000,
    timeZone: ZONE,
    sources: { chargecloudUrl: feed.url },
    now,
  });
  const input = { feed: name, slot: SLOT, intervalMinutes: 10 };
  return activityEnvironment({ attempt: 1 }).run(() => activities.pollFeed(input));
}

async function failureOf(
  polled: Promise<Outcome>,
): Promise<{ reason: string; final: boolean; outcome: Outcome }> {
  const error: unknown = await polled.then(
    () => expect.fail('the poll succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  const { type, nonRetryable, details } = error as ApplicationFailure;
  return { reason: type ?? '', final: nonRetryable === true, outcome: details?.[0] as Outcome };
}

async function answerOf({ key }: Outcome, { raw }: Stores = stores) {
  return getRaw(raw, key ?? '');
}

const accepted = (name: string, { raw }: Stores = stores) => listRawSlot(raw, 'accepted', name, DAY, SLOT);

function omit(row: FlatRow, columns: readonly string[]): FlatRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !columns.includes(name)));
}

/** Clean a feed's day, and return its facts and master data, without the feed's name and the raw key. */
async function cleaned(name: string, { raw, flat }: Stores = stores) {
  const set = { day: DAY, load: 'load-1', feed: name };
  const { ledger } = await cleanFeedDay({ raw, flat }, set);
  const without = (rows: FlatRow[]) => rows.map((row) => omit(row, ['feed', 'digest', 'key']));
  return {
    ledger: { ...ledger, feed: '' },
    faults: (await readFlat(flat, set, 'poll')).map(({ fault }) => fault),
    points: without(await readFacts(flat, set, 'charging_point_status_span')),
    connectors: without(await readFacts(flat, set, 'connector_status_span')),
    stations: without(await readFlat(flat, set, 'charging_station_content_span')),
    issues: without(await readFlat(flat, set, 'field_issue')),
  };
}

describe('an answer in pages', () => {
  let feed: SimulatedFeed;
  beforeAll(async () => {
    feed = await serve();
    return () => feed.stop();
  });
  afterEach(() => feed.clearFaults());

  it.each(PAGING_WAYS)('by "%s" is read to its end, and stored byte for byte', async (way) => {
    const outcome = await poll(feed, way);
    expect(outcome).toMatchObject({ outcome: 'stored', reason: null });
    const answer = await answerOf(outcome);
    expect(answer.meta).toMatchObject({ version: 2, reason: null, url: `${feed.url}/${way}` });
    expect(answer.meta.documents?.map(({ url }) => new URL(url).searchParams.get('offset'))).toEqual([
      null,
      '3',
      '6',
    ]);
    const sent = feed.log.filter((entry) => entry.feed === way).slice(-3);
    expect(answer.body.length).toBe(sent.reduce((sum, { bytes }) => sum + bytes, 0));
    for (const { body } of documentsOf(answer)) expect(JSON.parse(body.toString())).toBeTruthy();
  });

  it.each(PAGING_WAYS)('by "%s" gives the facts of the same answer on one page, sealed too', async (way) => {
    await poll(feed, 'whole');
    await poll(feed, way);
    const expected = await cleaned('whole');
    expect(expected.stations).toHaveLength(STATIONS);
    const withTimestamp = (rows: FlatRow[]) =>
      rows
        .filter(({ field }) => way !== 'next_offset' || field !== 'timestamp')
        .map((row) => omit(row, ['path']));
    const compared = (found: typeof expected) => ({ ...found, issues: withTimestamp(found.issues) });
    const paged = await cleaned(way);
    if (way !== 'next_offset') expect(compared(paged)).toEqual(compared(expected));
    expect(paged.points.map((row) => omit(row, ['query_time']))).toEqual(
      expected.points.map((row) => omit(row, ['query_time'])),
    );
    await sealFeedDay(stores.raw, way, DAY);
    expect(await cleaned(way)).toEqual(paged);
  });

  it('gives current statuses of all its pages', async () => {
    const outcome = await poll(feed, 'link');
    const { meta, body } = await answerOf(outcome);
    const shown = readStatuses({ feed: 'link', slot: SLOT, key: outcome.key ?? '' }, { meta, body });
    expect([...(shown?.statuses.keys() ?? [])].sort()).toEqual(
      (await cleaned('link')).points.map(({ id_chargingpoint: id }) => id).sort(),
    );
  });

  it('is polled once: a slot that has all documents is not polled again', async () => {
    const first = await poll(feed, 'link');
    const requests = feed.log.length;
    expect(await poll(feed, 'link')).toMatchObject({ outcome: 'stored', key: first.key });
    expect(feed.log).toHaveLength(requests);
  });
});

describe('a page that is missing', () => {
  let feed: SimulatedFeed;
  beforeAll(async () => {
    feed = await serve();
    return () => feed.stop();
  });
  afterEach(() => feed.clearFaults());
  const failPage = (offset: number, fault: FaultInput = { kind: 'status', status: 500 }) =>
    feed.fail(fault, { feeds: ['link'], offset });

  it('leaves a partial answer, which says why, and another attempt', async () => {
    failPage(6);
    const { reason, final, outcome } = await failureOf(poll(feed, 'link'));
    expect({ reason, final }).toEqual({ reason: 'http_500', final: false });
    expect(outcome).toMatchObject({ outcome: 'stored', reason: 'http_500' });
    const answer = await answerOf(outcome);
    expect(answer.meta).toMatchObject({ missing: 'http_500', reason: null });
    expect(answer.meta.documents).toHaveLength(2);
    const { stations, faults } = await cleaned('link');
    expect(stations).toHaveLength(6);
    expect(faults, 'so that nothing is taken for absent').toEqual(['partial']);
    const rejected = await listRawSlot(stores.raw, 'rejected', 'link', DAY, SLOT);
    expect(rejected).toHaveLength(1);
  });

  it('is asked for again in the same slot, and the whole answer counts', async () => {
    failPage(3);
    const partial = await failureOf(poll(feed, 'link'));
    feed.clearFaults();
    const whole = await poll(feed, 'link');
    expect(whole.key).not.toBe(partial.outcome.key);
    expect(await accepted('link')).toHaveLength(2);
    const { stations, ledger } = await cleaned('link');
    expect(stations).toHaveLength(STATIONS);
    expect(ledger).toMatchObject({ bodies: 2, parsed: 1, surplus: 1, unreadable: 0 });
  });

  it('when it is the first one, leaves no accepted answer', async () => {
    failPage(0);
    const { outcome } = await failureOf(poll(feed, 'link'));
    expect(outcome).toMatchObject({ outcome: 'failed', reason: 'http_500' });
    expect(await accepted('link')).toEqual([]);
  });

  it.each<[string, FaultInput]>([
    ['cut_short', { kind: 'cut' }],
    ['not_json', { kind: 'truncated_json' }],
    ['http_206', { kind: 'partial' }],
  ])('for the reason %s is told by that reason', async (expected, fault) => {
    failPage(3, fault);
    const { reason, outcome } = await failureOf(poll(feed, 'link'));
    expect(reason).toBe(expected);
    expect((await answerOf(outcome)).meta).toMatchObject({ missing: expected });
  });

  it('according to the total that the feed promises is no reason for another attempt', async () => {
    const lying = await serve({ size: 3, total: 100 });
    try {
      const { reason, final, outcome } = await failureOf(poll(lying, 'total'));
      expect({ reason, final }).toEqual({ reason: 'pages_missing', final: true });
      expect(outcome).toMatchObject({ outcome: 'stored', reason: 'pages_missing' });
      expect((await cleaned('total')).stations).toHaveLength(STATIONS);
    } finally {
      await lying.stop();
    }
  });
});

it('pages that overlap show each station once, with the status that was updated last', async () => {
  const location = (status: string, updated: string) => ({
    id: 'l1',
    last_updated: updated,
    evses: [{ uid: 'e1', status, last_updated: updated, connectors: [{ id: '1' }] }],
  });
  const pages = [
    [location('AVAILABLE', '2026-06-15T10:00:00Z')],
    [location('CHARGING', '2026-06-15T10:10:00Z')],
    [location('BLOCKED', '2026-06-15T10:10:00Z')],
  ];
  const content: FeedContent = {
    feeds: ['link'],
    answer: () =>
      Promise.resolve(
        JSON.stringify({ data: pages.flat(), status_code: 1000, timestamp: new Date(now()).toISOString() }),
      ),
  };
  const feed = await serve({ size: 1 }, [content]);
  try {
    await poll(feed, 'link');
    const { points, ledger } = await cleaned('link');
    expect(points.map(({ status_cp }) => status_cp)).toEqual(['CHARGING']);
    expect(ledger).toMatchObject({
      charging_points_read: 3,
      charging_point_facts: 1,
      charging_point_duplicates: 2,
    });
  } finally {
    await feed.stop();
  }
});

it('however the pages are cut, and whichever fails in the first attempt, the facts are those of one page', async () => {
  const whole = await serve();
  const own = makeStores();
  try {
    await poll(whole, 'whole', own);
    const expected = (await cleaned('whole', own)).points;
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: STATIONS + 1 }),
      fc.nat(2),
      fc.option(fc.nat(STATIONS)),
      fc.constantFrom('link', 'next', 'total'),
      async (size, overlap, failing, way) => {
        const feed = await serve({ size, overlap: way === 'total' ? 0 : overlap });
        const tried = makeStores();
        try {
          if (failing !== null)
            feed.fail(
              { kind: 'status', status: 503 },
              { feeds: [way], times: 1, offset: Math.floor(failing / size) * size },
            );
          await poll(feed, way, tried).catch(() => poll(feed, way, tried));
          expect((await cleaned(way, tried)).points).toEqual(expected);
        } finally {
          tried.remove();
          await feed.stop();
        }
      },
    );
    await fc.assert(property, { numRuns: 30 });
  } finally {
    own.remove();
    await whole.stop();
  }
});
