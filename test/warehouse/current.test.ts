import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepCurrent } from '../../src/activities/keepCurrent.js';
import { slotsOfDay } from '../../src/domain/day.js';
import type { Outcome } from '../../src/domain/outcome.js';
import { putCorrection, readCorrections } from '../../src/stores/corrections.js';
import { openStore } from '../../src/stores/open.js';
import { listStored } from '../../src/stores/raw.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { openPostgresCurrent } from '../../src/warehouse/postgres/current.js';
import { readStatuses } from '../support/intake.js';
import { runActivity } from '../activities/support/runActivity.js';
import { DAY, envelope, FEED, point, putPoll, slotAt, station, ZONE } from '../cleaning/support/polls.js';
import {
  activitiesOf,
  type LoadBench,
  loadDay,
  makeBench,
  newLoad,
  openBench,
  stepsOf,
} from './support/loads.js';
import { digest, query, type Row } from './support/query.js';
import { showTimeline } from './support/timeline.js';

const BRIDGED_SLOTS = 2;

/**
 * Return functions that store the current statuses of answers, slot by slot, as if the answers had just been polled.
 */
async function openKeeping(bench: LoadBench) {
  await bench.warehouse.migrate();
  const current = openPostgresCurrent(bench.url);
  const deps = { raw: bench.raw, readStatuses, current, bridgedSlots: BRIDGED_SLOTS };
  return {
    current,
    keep: (slot: number, outcomes: Outcome[]) =>
      runActivity(keepCurrent, deps, { slot, intervalMinutes: 10, outcomes }),
    close: () => current.close(),
  };
}

const storedOutcome = (key: string, feed = FEED): Outcome => ({
  feed,
  outcome: 'stored',
  reason: null,
  key,
  attempts: 1,
});

const statuses = (url: string): Promise<Row[]> =>
  query(
    url,
    `set timezone = '${ZONE}'`,
    `select id_cp, feed, status, to_char(since, 'HH24:MI') as since, since_cut, to_char(slot, 'HH24:MI') as slot
     from current_status order by id_cp`,
  );

describe('current statuses', () => {
  it('are those of the latest poll, with since when, whatever order the slots come in and however often', async () => {
    const words = ['AVAILABLE', 'CHARGING'];
    const timeline = fc.array(fc.constantFrom('AVAILABLE', 'AVAILABLE', 'CHARGING', null, null), {
      minLength: 1,
      maxLength: 24,
    });
    await fc.assert(
      fc.asyncProperty(timeline, fc.infiniteStream(fc.nat(1000)), async (shown, picks) => {
        const bench = await makeBench();
        const keeping = await openKeeping(bench);
        try {
          const keys: { slot: number; key: string }[] = [];
          for (const [index, status] of shown.entries()) {
            const slot = slotAt(index);
            if (status !== null)
              keys.push({
                slot,
                key: await putPoll(bench.raw, {
                  slot,
                  body: envelope(slot, [station('1', [point('11', status)])]),
                }),
              });
          }
          for (const [index, { slot, key }] of keys.entries()) {
            await keeping.keep(slot, [storedOutcome(key)]);
            const before = await statuses(bench.url);
            const other = keys[(picks.next().value ?? 0) % (index + 1)];
            if (other) await keeping.keep(other.slot, [storedOutcome(other.key)]);
            expect(await statuses(bench.url), 'an earlier slot, or the same again').toEqual(before);
          }
          const kept = await statuses(bench.url);
          await query(bench.url, 'delete from current_status');
          await loadDay(bench, DAY);
          expect(await statuses(bench.url), 'no load writes them').toEqual([]);
          // Events are derived from facts, and must give the same current status.
          const [event] = await query(
            bench.url,
            `set timezone = '${ZONE}'`,
            `select id_cp, status, to_char(start_at, 'HH24:MI') as since, start_cut as since_cut,
               to_char(end_at - interval '10 minutes', 'HH24:MI') as slot
             from status_event order by start_at desc limit 1`,
          );
          expect(kept).toEqual(event === undefined ? [] : [{ ...event, feed: FEED }]);
          expect(words).toContain(event?.status ?? 'AVAILABLE');
        } finally {
          await keeping.close();
          await bench.remove();
        }
      }),
      { numRuns: process.env.LADEPULS_TEST_LONG === '1' ? 200 : 12 },
    );
  }, 600_000);

  it('are not those of an excluded answer, also of the slot in progress; included again, the next poll counts', async () => {
    const bench = await openBench();
    const keeping = await openKeeping(bench);
    const poll = async (index: number, status: string) => {
      const slot = slotAt(index);
      const body = envelope(slot, [station('1', [point('11', status)])]);
      await keeping.keep(slot, [storedOutcome(await putPoll(bench.raw, { slot, body }))]);
    };
    const correct = async (kind: 'exclude' | 'include') => {
      const earlier = (await readCorrections(bench.raw)).of(FEED);
      const range = { from: slotAt(1), to: slotAt(20) };
      const correction = { kind, feed: FEED, reason: 'wrong', by: 'me@host', ...range };
      return putCorrection(bench.raw, correction, { earlier, nowMs: slotAt(1) });
    };
    const feeds = () => query(bench.url, 'select feed, outcome, reason from current_feed');
    try {
      await poll(0, 'AVAILABLE');
      const { id } = await correct('exclude');
      const before = await statuses(bench.url);
      await poll(1, 'CHARGING');
      expect(await statuses(bench.url)).toEqual(before);
      expect(await feeds()).toEqual([{ feed: FEED, outcome: 'failed', reason: 'excluded' }]);
      await correct('include');
      await poll(2, 'CHARGING');
      expect(await statuses(bench.url)).toMatchObject([{ status: 'CHARGING', since: '00:20' }]);
      expect(await feeds()).toEqual([{ feed: FEED, outcome: 'stored', reason: null }]);

      const key = `corrections/${FEED}/${id}.json`;
      const other = openStore(bench.raw.url);
      await other.put(key, (await other.get(key)).subarray(0, 30));
      const slot = slotAt(3);
      const answer = await putPoll(other, { slot, body: envelope(slot, [station('1', [point('11')])]) });
      const deps = { raw: other, readStatuses, current: keeping.current, bridgedSlots: BRIDGED_SLOTS };
      await runActivity(keepCurrent, deps, { slot, intervalMinutes: 10, outcomes: [storedOutcome(answer)] });
      expect(await statuses(bench.url)).toMatchObject([{ status: 'CHARGING' }]);
      expect(await feeds()).toEqual([{ feed: FEED, outcome: 'failed', reason: 'unreadable_correction' }]);
    } finally {
      await keeping.close();
    }
  });

  it('keep the status of a charging point that the latest poll lacks, or whose answer can’t be read, with its slot', async () => {
    const bench = await openBench();
    const keeping = await openKeeping(bench);
    const put = async (index: number, ...points: [string, string][]) => {
      const slot = slotAt(index);
      const evses = points.map(([id, status]) => point(id, status));
      return keeping.keep(slot, [
        storedOutcome(await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', evses)]) })),
      ]);
    };
    await put(0, ['11', 'AVAILABLE'], ['12', 'AVAILABLE']);
    await put(1, ['11', 'CHARGING']);
    const slot = slotAt(2);
    await keeping.keep(slot, [
      storedOutcome(await putPoll(bench.raw, { slot, body: Buffer.from('{"data": [') })),
    ]);
    expect(await statuses(bench.url)).toEqual([
      { id_cp: '11', feed: FEED, status: 'CHARGING', since: '00:10', since_cut: null, slot: '00:10' },
      { id_cp: '12', feed: FEED, status: 'AVAILABLE', since: '00:00', since_cut: 'edge', slot: '00:00' },
    ]);
    await keeping.close();
  });

  it('take one feed’s word for a charging point that two show in one slot, the same one every time', async () => {
    const bench = await openBench();
    const keeping = await openKeeping(bench);
    const slot = slotAt(0);
    const body = (status: string) =>
      envelope(slot, [station('1', [point('11', status), point('11', 'UNKNOWN')])]);
    const koeln = storedOutcome(await putPoll(bench.raw, { slot, body: body('CHARGING') }));
    const bonn = storedOutcome(
      await putPoll(bench.raw, { slot, feed: 'bonn', body: body('AVAILABLE') }),
      'bonn',
    );
    for (const outcomes of [
      [koeln, bonn],
      [bonn, koeln],
    ]) {
      await keeping.keep(slot, outcomes);
      expect(await statuses(bench.url)).toMatchObject([{ id_cp: '11', feed: 'bonn', status: 'AVAILABLE' }]);
      await query(bench.url, 'delete from current_status');
    }
    await keeping.close();
  });
});

it('tells what became of the latest poll of every feed, and of its last good answer', async () => {
  const bench = await openBench();
  const keeping = await openKeeping(bench);
  const slot = slotAt(0);
  const body = envelope(slot, [station('1', [point('11'), point('12')])]);
  await keeping.keep(slot, [storedOutcome(await putPoll(bench.raw, { slot, body }))]);
  const failed = { outcome: 'failed', reason: 'http_500', key: 'answers/x', attempts: 5 } as const;
  await keeping.keep(slotAt(1), [
    { feed: FEED, ...failed },
    { feed: 'kiel', outcome: 'missed', reason: 'paused', key: null, attempts: 0 },
  ]);
  const time = (column: string) => `to_char(${column} at time zone '${ZONE}', 'HH24:MI') as ${column}`;
  const feeds = await query(
    bench.url,
    `select feed, ${time('slot')}, outcome, reason, ${time('stored_slot')}, charging_points from current_feed order by feed`,
  );
  expect(feeds).toEqual([
    {
      feed: 'kiel',
      slot: '00:10',
      outcome: 'missed',
      reason: 'paused',
      stored_slot: null,
      charging_points: null,
    },
    {
      feed: FEED,
      slot: '00:10',
      outcome: 'failed',
      reason: 'http_500',
      stored_slot: '00:00',
      charging_points: 2,
    },
  ]);
  await keeping.close();
});

it('a rebuild makes current statuses anew, from the days that it loads and the answers since', async () => {
  const bench = await openBench();
  await showTimeline(bench, DAY, 'a*3 c*3');
  await loadDay(bench, DAY);
  const keeping = await openKeeping(bench);
  const slots = slotsOfDay(DAY, ZONE, 10);
  await recordCollection(bench.raw, {
    at: new Date(slotAt(0)).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: [{ name: FEED, source: 'chargecloud', paused: false }],
    setting: null,
  });
  for (const { slot, key } of await listStored(bench.raw, 'accepted', FEED, DAY))
    await keeping.keep(slot, [storedOutcome(key)]);
  const expected = await statuses(bench.url);
  expect(expected).toMatchObject([{ status: 'CHARGING', since: '00:30', since_cut: null, slot: '00:50' }]);
  await query(bench.url, `update current_status set status = 'damaged', since = '2000-01-01'`);

  const activities = activitiesOf({ ...bench, current: keeping.current });
  await bench.warehouse.beginRebuild('first');
  for (const step of stepsOf(bench, { ...newLoad(DAY), isRebuild: true }, 'rebuild')) await step.run();
  await runActivity(activities.restoreCurrent, { isRebuild: true });
  expect(await statuses(bench.url), 'readers keep the old ones').toMatchObject([{ status: 'damaged' }]);
  // This poll happens during the rebuild. It is in no loaded day.
  const slot = slots[6] ?? NaN;
  const key = await putPoll(bench.raw, {
    slot,
    body: envelope(slot, [station('1', [point('11', 'CHARGING')])]),
  });
  await keeping.keep(slot, [storedOutcome(key)]);
  expect(await bench.warehouse.exchange('first')).toEqual([]);
  expect(await statuses(bench.url)).toEqual(expected);
  const loaded = await digest(bench.url);
  for (let again = 0; again < 2; again++) {
    await runActivity(activities.restoreCurrent, { isRebuild: false });
    expect(await statuses(bench.url)).toEqual(expected.map((row) => ({ ...row, slot: '01:00' })));
  }
  expect(await digest(bench.url)).toEqual(loaded);
  await keeping.close();
});
