import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { dayOf } from '../../src/domain/day.js';
import type { Outcome } from '../../src/domain/outcome.js';
import type { Slot } from '../../src/domain/slot.js';
import {
  type FeedState,
  lastExpectedDays,
  recordCollection,
  recordImport,
} from '../../src/stores/collectionLog.js';
import { type FeedCoverage, readCoverage } from '../../src/stores/coverage.js';
import { openStore } from '../../src/stores/open.js';
import { putRaw, type RawKind } from '../../src/stores/raw.js';
import { putSlotRun } from '../../src/stores/slotRuns.js';
import type { Store } from '../../src/stores/store.js';

const TIME_ZONE = 'Europe/Berlin';
const MINUTE_MS = 60_000;
/** 23:00 local time: six slots before midnight. */
const START = Date.parse('2026-01-30T22:00:00Z');
const slot = (n: number): Slot => START + n * 10 * MINUTE_MS;
const DAYS = ['2026-01-30', '2026-01-31'];

let store: Store;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ladepuls-coverage-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  store = openStore(`file:${folder}`);
});

const feed = (name: string, paused = false): FeedState => ({ name, source: 'chargecloud', paused });

async function collect(atMs: number, feeds: FeedState[]): Promise<void> {
  const at = new Date(atMs).toISOString();
  await recordCollection(store, { at, reason: 'test', interval_minutes: 10, feeds, setting: null });
}

async function put(kind: RawKind, name: string, at: Slot, reason: string | null = null): Promise<void> {
  const day = dayOf(at, TIME_ZONE);
  const origin = {
    feed: name,
    source: 'chargecloud',
    url: null,
    origin: 'poll',
    file: null,
    attempts: 1,
  } as const;
  const times = { started_at: null, http_status: 200, reason, slot: at, day, receivedMs: at + 1000 };
  await putRaw(store, kind, { ...origin, ...times }, Buffer.from(`${name} ${at}`));
}

async function run(
  at: Slot,
  outcomes: Pick<Outcome, 'feed' | 'outcome' | 'reason'>[],
  recordedMs = at,
): Promise<void> {
  await putSlotRun(store, dayOf(at, TIME_ZONE), at, {
    workflow_id: 'test',
    run_id: `run-${recordedMs}`,
    recorded_at: new Date(recordedMs).toISOString(),
    outcomes: outcomes.map((outcome) => ({ ...outcome, key: null, attempts: 1 })),
  });
}

function read(nowMs: number, days = DAYS): Promise<FeedCoverage[]> {
  const { signal } = new AbortController();
  return readCoverage(store, { days, timeZone: TIME_ZONE, nowMs, signal });
}

describe('coverage of a raw store', () => {
  it('tells stored, failed and missed slots, over midnight, each with its reason', async () => {
    await collect(slot(0), [feed('bonn'), feed('kiel')]);
    await collect(slot(8), [feed('bonn', true), feed('kiel')]);
    for (const n of [0, 1, 6]) await put('accepted', 'bonn', slot(n));
    for (let n = 0; n < 10; n++) await put('accepted', 'kiel', slot(n));
    await put('rejected', 'bonn', slot(2), 'http_500'); // its run was lost
    await put('rejected', 'bonn', slot(3), 'not_json');
    await put('rejected', 'bonn', slot(6), 'http_503'); // followed by an accepted answer
    await run(slot(3), [{ feed: 'bonn', outcome: 'failed', reason: 'not_json' }]);
    await run(slot(4), [{ feed: 'bonn', outcome: 'missed', reason: 'late' }], slot(4));
    await run(slot(4), [{ feed: 'bonn', outcome: 'missed', reason: 'refused' }], slot(5));
    await run(slot(5), [{ feed: 'bonn', outcome: 'missed', reason: 'refused' }]);
    const [bonn, kiel] = await read(slot(10));

    expect(kiel?.total).toEqual({ expected: 10, stored: 10, failed: 0, missed: 0, reasons: {} });
    expect(kiel?.gaps).toEqual([]);
    expect(
      bonn?.days.map(({ day, expected, stored, failed, missed }) => [day, expected, stored, failed, missed]),
    ).toEqual([
      ['2026-01-30', 6, 2, 2, 2],
      ['2026-01-31', 4, 1, 0, 3],
    ]);
    expect(bonn?.total.reasons).toEqual({ http_500: 1, not_json: 1, refused: 2, not_running: 1, paused: 2 });
    expect(bonn?.gaps.map(({ outcome, reason, first, slots }) => [outcome, reason, first, slots])).toEqual([
      ['failed', 'http_500', slot(2), 1],
      ['failed', 'not_json', slot(3), 1],
      ['missed', 'refused', slot(4), 2],
      ['missed', 'not_running', slot(7), 1],
      ['missed', 'paused', slot(8), 2],
    ]);
  });

  it('knows an answer that was stored and is there no more', async () => {
    await collect(slot(0), [feed('bonn')]);
    await run(slot(0), [{ feed: 'bonn', outcome: 'stored', reason: null }]);
    const [bonn] = await read(slot(1));
    expect(bonn?.total.reasons).toEqual({ gone: 1 });
  });

  it('counts apart what was stored without being expected', async () => {
    await put('accepted', 'roth', slot(1));
    await collect(slot(2), [feed('roth')]);
    await put('accepted', 'roth', slot(2));
    expect(await read(slot(3))).toMatchObject([
      { feed: 'roth', total: { expected: 1, stored: 1 }, unexpected: 1 },
    ]);
  });

  it('has the days of an import as expected, and leaves out feeds of which there is nothing', async () => {
    await recordImport(store, {
      feed: 'bonn',
      source: 'chargecloud',
      day: '2026-01-30',
      intervalMinutes: 20,
    });
    await put('accepted', 'bonn', slot(0));
    await put('accepted', 'roth', slot(1000));
    const found = await read(slot(2000));
    expect(found.map(({ feed: name }) => name)).toEqual(['bonn']);
    expect(found[0]?.total).toEqual({
      expected: 72,
      stored: 1,
      failed: 0,
      missed: 71,
      reasons: { not_running: 71 },
    });
  });
});

describe('the last days with anything to poll', () => {
  const last = (count: number, nowMs: number) => lastExpectedDays(store, count, nowMs, TIME_ZONE);

  it('are none in an empty store', async () => {
    expect(await last(7, slot(0))).toEqual([]);
  });

  it('are those of collectors and imports, over what lies between', async () => {
    for (const day of ['2022-01-11', '2022-01-12']) {
      await recordImport(store, { feed: 'bonn', source: 'chargecloud', day, intervalMinutes: 10 });
    }
    await collect(slot(0), [feed('bonn')]);
    expect(await last(3, slot(10))).toEqual(['2022-01-12', '2026-01-30', '2026-01-31']);
    expect(await last(2, slot(10_000))).toEqual(['2026-04-09', '2026-04-10']);
  });

  it('end with the collection', async () => {
    await collect(slot(0), [feed('bonn')]);
    await collect(slot(10), []);
    expect(await last(7, slot(10_000))).toEqual(DAYS);
  });
});
