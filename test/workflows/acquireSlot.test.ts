import type { Client } from '@temporalio/client';
import { beforeAll, expect, it } from 'vitest';
import { dayOf } from '../../src/domain/day.js';
import { lastSlotRun } from '../../src/stores/slotRuns.js';
import { listRawSlot } from '../../src/stores/raw.js';
import type { CurrentStatus } from '../../src/warehouse/current.js';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.js';
import { ZONE } from '../cleaning/support/polls.js';
import { openTestClient } from '../support/temporal.js';
import { openPolling, SLOT } from './support/polling.js';
import { failureOf, startRun } from './support/runs.js';

let client: Client;
beforeAll(async () => {
  client = await openTestClient();
  return () => client.connection.close();
});

const INPUT = { intervalMinutes: 10, slot: new Date(SLOT + 123_456).toISOString() };
const ACTIVE = { paused: false };

it('succeeds when some feeds fail, and names them in its result, its search attributes and its record', async () => {
  // The clock is so late in the slot that no second attempt fits.
  const { raw, feed, activities } = await openPolling(
    { koeln: ACTIVE, bonn: ACTIVE, kiel: { paused: true }, roth: ACTIVE, hof: ACTIVE },
    537_000,
  );
  feed.fail({ kind: 'status', status: 500 }, { feeds: ['bonn'] });
  feed.fail({ kind: 'refuse' }, { feeds: ['roth'] });
  const run = await startRun(client, 'acquireSlot', activities, INPUT);
  expect(await run.result()).toEqual({
    slot: '20260615T1020Z',
    stored: 2,
    failed: 1,
    missed: 2,
    notStored: { bonn: 'http_500', roth: 'reset', kiel: 'paused' },
  });
  const { typedSearchAttributes: attributes } = await run.describe();
  expect(attributes.get(SEARCH_ATTRIBUTES.slot)).toEqual(new Date(SLOT));
  expect(attributes.get(SEARCH_ATTRIBUTES.stored)).toBe(2);
  expect(attributes.get(SEARCH_ATTRIBUTES.notStored)).toBe(3);
  expect(attributes.get(SEARCH_ATTRIBUTES.feedsNotStored)?.sort()).toEqual(['bonn', 'kiel', 'roth']);
  const record = await lastSlotRun(raw);
  expect(record).toMatchObject({ slot: '20260615T1020Z', workflow_id: run.workflowId });
  expect(record?.outcomes.map(({ feed: name, outcome, attempts }) => [name, outcome, attempts])).toEqual([
    ['koeln', 'stored', 1],
    ['bonn', 'failed', 1],
    ['roth', 'missed', 1],
    ['hof', 'stored', 1],
    ['kiel', 'missed', 0],
  ]);
});

it('asks a feed again that failed, within the slot, and keeps both answers', async () => {
  const { raw, feed, activities } = await openPolling({ koeln: ACTIVE }, 3_000);
  feed.fail({ kind: 'status', status: 503, retryAfterSeconds: 1 }, { times: 1 });
  const run = await startRun(client, 'acquireSlot', activities, INPUT);
  expect(await run.result()).toMatchObject({ stored: 1, failed: 0, missed: 0, notStored: {} });
  const kept = (kind: 'accepted' | 'rejected') => listRawSlot(raw, kind, 'koeln', dayOf(SLOT, ZONE), SLOT);
  expect([await kept('accepted'), await kept('rejected')].map((objects) => objects.length)).toEqual([1, 1]);
  expect((await lastSlotRun(raw))?.outcomes).toMatchObject([{ outcome: 'stored', attempts: 2 }]);
});

it('keeps current statuses of what it stores, and stores everything where they can’t be kept', async () => {
  const shown: string[] = [];
  const current: CurrentStatus = {
    keep: ({ feeds }) => {
      shown.push(...feeds.map(({ feed, outcome, statuses }) => `${feed} ${outcome} ${statuses.size > 0}`));
      return Promise.reject(new Error('the warehouse is down'));
    },
    seedRebuilt: () => Promise.reject(new Error('no rebuild')),
    loadedSlots: () => Promise.reject(new Error('no rebuild')),
    close: () => Promise.resolve(),
  };
  const feeds = { koeln: ACTIVE, bonn: ACTIVE, kiel: { paused: true } };
  const { raw, activities } = await openPolling(feeds, 3_000, current);
  const run = await startRun(client, 'acquireSlot', activities, INPUT);
  expect(await run.result()).toMatchObject({ stored: 2, missed: 1 });
  expect((await lastSlotRun(raw))?.outcomes).toHaveLength(3);
  expect(shown).toContain('kiel missed false');
  // The first update of current statuses fails twice, and this slot tries no other.
  expect(new Set(shown).size).toBe(shown.length / 2);
});

it('polls nothing in a slot that is over, and records that it came late', async () => {
  const { raw, feed, activities } = await openPolling({ koeln: ACTIVE, bonn: ACTIVE }, 3_600_000);
  const run = await startRun(client, 'acquireSlot', activities, INPUT);
  expect(await run.result()).toMatchObject({
    stored: 0,
    missed: 2,
    notStored: { koeln: 'late', bonn: 'late' },
  });
  expect(feed.log).toEqual([]);
  expect((await lastSlotRun(raw))?.outcomes).toHaveLength(2);
});

it.each([{ intervalMinutes: 10 }, { intervalMinutes: 10, slot: 'now' }])(
  'refuses to run without a slot, and says how to give it one: %j',
  async (input) => {
    const { feed, activities } = await openPolling({ koeln: ACTIVE }, 3_000);
    const failure = await failureOf(await startRun(client, 'acquireSlot', activities, input));
    expect(failure.type).toBe('NoSlot');
    expect(failure.message).toContain('temporal schedule trigger --schedule-id acquire');
    expect(failure.message).toContain('"slot": "2026-01-31T10:20:00Z"');
    expect(feed.log).toEqual([]);
  },
);
