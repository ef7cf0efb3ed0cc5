import { expect, it } from 'vitest';
import { addDays, dayOf, slotsOfDay } from '../../src/domain/day.js';
import type { Outcome } from '../../src/domain/outcome.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { putSlotRun } from '../../src/stores/slotRuns.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, openBench } from './support/loads.js';
import { column, query } from './support/query.js';

const NEXT_DAY = addDays(DAY, 1);
const slots = [...slotsOfDay(DAY, ZONE, 10), ...slotsOfDay(NEXT_DAY, ZONE, 10)];
const slotAt = (index: number) => slots[index] ?? NaN;
const named = (index: number) => new Date(slotAt(index));

async function collect({ raw }: LoadBench, feeds: string[]): Promise<void> {
  await recordCollection(raw, {
    at: new Date(slotAt(0)).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: feeds.map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
}

/**
 * Store polls of a feed in some slots. The other slots have an outcome with a reason, or, without `reason`, nothing.
 */
async function poll({ raw }: LoadBench, feed: string, stored: (index: number) => boolean, reason?: string) {
  for (const index of slots.keys()) {
    const slot = slotAt(index);
    if (stored(index)) {
      await putPoll(raw, { slot, feed, body: envelope(slot, [station('1', [point('11')])]) });
    } else if (reason !== undefined) {
      const outcome: Outcome = { feed, outcome: 'missed', reason, key: null, attempts: 3 };
      const record = {
        workflow_id: 'w',
        run_id: `${feed}-${index}`,
        recorded_at: named(index).toISOString(),
      };
      await putSlotRun(raw, dayOf(slot, ZONE), slot, { ...record, outcomes: [outcome] });
    }
  }
}

it('every slot of every feed has its outcome and reason, and a gap over midnight is one', async () => {
  const bench = await openBench();
  await collect(bench, ['bonn', 'koeln']);
  await poll(bench, 'koeln', (index) => index < 140 || index >= 150, 'refused');
  await poll(bench, 'bonn', (index) => index === 200);
  for (const day of [NEXT_DAY, DAY]) await loadDay(bench, day);

  expect(await query(bench.url, 'select * from coverage order by day, feed')).toMatchObject([
    { feed: 'bonn', expected: 144, stored: 0, failed: 0, missed: 144, stored_percent: '0.0' },
    { feed: 'koeln', expected: 144, stored: 140, failed: 0, missed: 4, stored_percent: '97.2' },
    { feed: 'bonn', expected: 144, stored: 1, failed: 0, missed: 143, stored_percent: '0.7' },
    { feed: 'koeln', expected: 144, stored: 138, failed: 0, missed: 6, stored_percent: '95.8' },
  ]);
  expect(await query(bench.url, 'select * from coverage_gap order by feed, first_slot')).toEqual([
    gap('bonn', 0, 199, 'not_running'),
    gap('bonn', 201, 287, 'not_running'),
    gap('koeln', 140, 149, 'refused'),
  ]);
  expect(
    await query(
      bench.url,
      `select feed, outcome, reason, count(*)::int as slots, count(distinct slot)::int as different
       from slot_outcome group by 1, 2, 3 order by 1, 2`,
    ),
  ).toEqual([
    { feed: 'bonn', outcome: 'missed', reason: 'not_running', slots: 287, different: 287 },
    { feed: 'bonn', outcome: 'stored', reason: null, slots: 1, different: 1 },
    { feed: 'koeln', outcome: 'missed', reason: 'refused', slots: 10, different: 10 },
    { feed: 'koeln', outcome: 'stored', reason: null, slots: 278, different: 278 },
  ]);
  const [outOfStep] = await column(
    bench.url,
    `select count(*)::int from slot_outcome where extract(epoch from slot)::int % 600 <> 0`,
  );
  expect(outOfStep).toBe(0);
});

function gap(feed: string, first: number, last: number, reason: string) {
  const ends = { first_slot: named(first), last_slot: named(last), slots: last - first + 1 };
  return { feed, ...ends, outcome: 'missed', reason };
}

it('an answer that can’t be read is told from one that is missing', async () => {
  const bench = await openBench();
  await collect(bench, ['koeln']);
  await putPoll(bench.raw, { slot: slotAt(0), body: Buffer.from('<html>') });
  await loadDay(bench, DAY);
  expect(await query(bench.url, 'select outcome, reason from slot_outcome order by slot limit 2')).toEqual([
    { outcome: 'unreadable', reason: 'not_json' },
    { outcome: 'missed', reason: 'not_running' },
  ]);
  expect(await column(bench.url, 'select stored from coverage')).toEqual([1]);
});

it('a day that nobody collected has its coverage too', async () => {
  const bench = await openBench();
  await collect(bench, ['koeln']);
  await loadDay(bench, DAY);
  expect(await query(bench.url, 'select feed, expected, missed from coverage')).toEqual([
    { feed: 'koeln', expected: 144, missed: 144 },
  ]);
});
