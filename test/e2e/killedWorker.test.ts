import type { WorkflowHandle } from '@temporalio/client';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Day } from '../../src/domain/day.js';
import { parseSlot } from '../../src/domain/slot.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { DEFAULT_FEEDS } from '../../src/sources/chargecloud/feeds.js';
import { openStore } from '../../src/stores/open.js';
import { getPlan } from '../../src/stores/flat.js';
import { stagingSchema } from '../../src/warehouse/load/staging.js';
import type { loadDay } from '../../src/workflows/index.js';
import { type HeldLock, holdLock } from '../warehouse/support/sessions.js';
import { loaded, observed } from './support/observations.js';
import { acquireSlots, applyPaused } from './support/schedules.js';
import { SlotFeed } from './support/slotFeed.js';
import { TestSystem } from './support/system.js';
import { WorkerProcess } from './support/workerProcess.js';

/** A day is killed while it is cleaned, another while it is copied, the last while it is published. */
const [CLEANED, COPIED, PUBLISHED] = ['2022-06-01', '2022-06-02', '2022-06-03'] as const;
const DAYS: Day[] = [CLEANED, COPIED, PUBLISHED];
const FEEDS = DEFAULT_FEEDS.slice(0, 16);
const SLOTS = DAYS.flatMap((day) =>
  ['T1000Z', 'T1010Z', 'T1020Z'].map((time) => parseSlot(day.replaceAll('-', '') + time)),
);
/** Polled so late in its slot, a feed is asked once more, after four seconds, and then given up. */
const POLLED_AFTER_MS = 530_000;
/** One load's steps come one after the other: at any moment some are done and others are not. */
const FEW_AT_ONCE = { LADEPULS_LOAD_SLOTS: '2', LADEPULS_THREADS: '1' };

type Load = WorkflowHandle<typeof loadDay>;

describe('days whose loads’ workers are killed', { timeout: 300_000 }, () => {
  let system: TestSystem;
  let feed: SlotFeed;

  beforeAll(async () => {
    system = await TestSystem.open();
    const fleet = simulateFleet({ seed: 11, feeds: FEEDS, stationsPerFeed: 40 });
    feed = await SlotFeed.start({ content: fleet, slots: SLOTS, delayMs: POLLED_AFTER_MS });
    return async () => {
      await system.close();
      await feed.stop();
    };
  }, 60_000);

  it('were collected but for what the feeds refused, which is told', async () => {
    const at = (index: number, name: string) => feed.poll(SLOTS[index] ?? 0, name);
    feed.server.fail({ kind: 'status', status: 500 }, { feeds: [at(0, 'koeln')], times: 1 });
    feed.server.fail({ kind: 'refuse' }, { feeds: [at(1, 'bonn')] });
    feed.server.fail({ kind: 'html' }, { feeds: [at(3, 'kiel')], times: 1 });
    feed.server.fail({ kind: 'cut', where: 'gzip' }, { feeds: [at(6, 'krefeld')], times: 1 });
    await feed.recordCollection(system.raw);
    await applyPaused(system);
    const worker = await system.startAcquiring(feed.activities(system.raw));
    const results = await acquireSlots(system, SLOTS);
    await worker.stop();
    const stored = results.map(({ stored, notStored }) => ({ stored, notStored }));
    const whole = { stored: FEEDS.length, notStored: {} };
    const withoutBonn = { stored: FEEDS.length - 1, notStored: { bonn: 'reset' } };
    expect(stored).toEqual(SLOTS.map((_, index) => (index === 1 ? withoutBonn : whole)));
    expect(await feed.goodAnswers()).toHaveLength(SLOTS.length * FEEDS.length - 1);
  });

  it('are whole once another worker has finished them: nothing is lost, nothing is there twice', async () => {
    const cleaned = await system.startLoad(CLEANED);
    await killWorkerAt(async () => (await countDone(cleaned, 'cleanChunk')) > 0);
    expect(await countDone(cleaned, 'cleanChunk')).toBeLessThan(await countChunks(cleaned, CLEANED));

    const copied = await system.startLoad(COPIED);
    const othersAreCopied = async () =>
      (await countDone(copied, 'copyChunk')) === (await countChunks(copied, COPIED)) - 1;
    await killWorkerAt(othersAreCopied, () => holdCopy(COPIED, copied));
    expect(await othersAreCopied()).toBe(true);

    const published = await system.startLoad(PUBLISHED);
    // Of the last tables that a publication writes: the facts are in their place by then, unseen.
    const holdPublication = () =>
      holdLock(system.databaseUrl, 'lock table ops.field_issue in exclusive mode');
    await killWorkerAt(async () => (await countDone(published, 'checkLoad')) > 0, holdPublication);
    expect(await countDone(published, 'publishLoad')).toBe(0);
    expect(await loaded(system)).toEqual({ chargingPoints: [], connectors: [] });

    const last = WorkerProcess.start(system);
    onTestFinished(() => last.kill());
    const loads = [cleaned, copied, published];
    const results = await Promise.all(loads.map((load) => load.result()));
    expect(results.map(({ day, revision }) => ({ day, revision }))).toEqual(
      DAYS.map((day) => ({ day, revision: 1 })),
    );
    for (const load of [copied, published]) expect(await countTimeouts(load)).toBeGreaterThan(0);
    expect(await loaded(system)).toEqual(observed(await feed.goodAnswers()));
  });

  it('leave nothing behind: every answer is accounted for, and no load leaves staging', async () => {
    const ledger = await system.query(
      `select day::text, sum(bodies)::int as bodies, sum(parsed)::int as parsed from ops.ledger group by 1 order by 1`,
    );
    const answers = DAYS.map((_, index) => 3 * FEEDS.length - (index === 0 ? 1 : 0));
    expect(ledger).toEqual(
      DAYS.map((day, index) => ({ day, bodies: answers[index], parsed: answers[index] })),
    );
    expect(await system.query('select day::text from ops.day_revision order by 1')).toEqual(
      DAYS.map((day) => ({ day })),
    );
    expect(await system.query(`select nspname from pg_namespace where nspname like 'staging_%'`)).toEqual([]);
  });

  /** Starts a worker process and kills it when something has come about and it waits for a lock that is held. */
  async function killWorkerAt(
    hasComeAbout: () => Promise<boolean>,
    hold?: () => Promise<HeldLock>,
  ): Promise<void> {
    const worker = WorkerProcess.start(system, FEW_AT_ONCE);
    const lock = await hold?.();
    try {
      await until(hasComeAbout);
      await lock?.waited();
    } finally {
      await worker.kill();
      await lock?.release();
    }
  }

  /** How many chunks a load's plan has; more than two. */
  async function countChunks(load: Load, day: Day): Promise<number> {
    const { runId } = await load.describe();
    const { chunks } = await getPlan(openStore(system.urls.flatUrl), day, `${runId}-1`);
    expect(chunks.length).toBeGreaterThan(2);
    return chunks.length;
  }

  /** Makes the copying of one chunk wait: another session is about to note that it has copied it. */
  async function holdCopy(day: Day, load: Load): Promise<HeldLock> {
    const { runId } = await load.describe();
    const copies = `${stagingSchema({ day, run: `${runId}-1` })}.copied`;
    await until(async () => {
      const [row] = await system.query<{ name: string | null }>('select to_regclass($1)::text as name', [
        copies,
      ]);
      return row?.name !== null;
    });
    return holdLock(system.databaseUrl, `insert into ${copies} values (1, 0)`);
  }
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: 60_000, interval: 10 }).toBe(true);
}

/** How many activities of a kind a load has behind it. */
async function countDone(load: Load, activity: string): Promise<number> {
  const events = (await load.fetchHistory()).events ?? [];
  const scheduled = events.filter(
    ({ activityTaskScheduledEventAttributes: event }) => event?.activityType?.name === activity,
  );
  const ids = new Set(scheduled.map(({ eventId }) => String(eventId)));
  return events.filter(({ activityTaskCompletedEventAttributes: event }) =>
    ids.has(String(event?.scheduledEventId)),
  ).length;
}

/** How many of its activities were given to another worker, since the one that had them was not heard of any more. */
async function countTimeouts(load: Load): Promise<number> {
  const events = (await load.fetchHistory()).events ?? [];
  return events.filter((event) => event.activityTaskStartedEventAttributes?.lastFailure?.timeoutFailureInfo)
    .length;
}
