import { expect, it } from 'vitest';
import { keepCurrent } from '../../src/activities/keepCurrent.js';
import { addDays, slotsOfDay } from '../../src/domain/day.js';
import type { Outcome } from '../../src/domain/outcome.js';
import { type FeedState, recordCollection } from '../../src/stores/collectionLog.js';
import { openPostgresCurrent } from '../../src/warehouse/postgres/current.js';
import { readStatuses } from '../support/intake.js';
import { runActivity } from '../activities/support/runActivity.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, openBench } from './support/loads.js';
import { query } from './support/query.js';

const NEXT_DAY = addDays(DAY, 1);
const slots = [...slotsOfDay(DAY, ZONE, 10), ...slotsOfDay(NEXT_DAY, ZONE, 10)];
const slotAt = (index: number) => slots[index] ?? NaN;

async function collect({ raw }: LoadBench, atMs: number, feeds: Record<string, Partial<FeedState>>) {
  await recordCollection(raw, {
    at: new Date(atMs).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: Object.entries(feeds).map(([name, members]) => ({
      name,
      source: 'chargecloud',
      paused: false,
      ...members,
    })),
    setting: null,
  });
}

/** Store a poll of a feed with one point, `<feed>-1`, that is charging in the first half of the day. */
function poll({ raw }: LoadBench, feed: string, index: number) {
  const slot = slotAt(index);
  const status = index % 144 < 72 ? 'CHARGING' : 'AVAILABLE';
  const id = feed === 'koeln' ? '1' : '2';
  return putPoll(raw, { slot, feed, body: envelope(slot, [station(id, [point(`${id}1`, status)])]) });
}

const MINUTES = `select feed, hour.status, sum(hour.minutes)::int as minutes
  from status_hour as hour join charging_point using (id_cp) group by 1, 2 order by 1, 2`;
const EVENTS = `select feed, event.status, event.start_at, event.end_at, event.observed_minutes
  from status_event as event join charging_point using (id_cp) order by 1, 3`;

it('a feed with a longer interval has as many minutes and the same events as one that shows the same', async () => {
  const bench = await openBench();
  await collect(bench, slotAt(0), { koeln: {}, nord: { interval_minutes: 30 } });
  for (const index of slots.keys()) {
    await poll(bench, 'koeln', index);
    // Two of its slots are missed in a row, which events bridge.
    if (index % 3 === 0 && ![30, 33].includes(index)) await poll(bench, 'nord', index);
  }
  for (const day of [NEXT_DAY, DAY]) await loadDay(bench, day);

  const coverage = await query(
    bench.url,
    'select day, feed, expected, stored, missed from coverage order by day, feed',
  );
  expect(coverage).toMatchObject([
    { feed: 'koeln', expected: 144, stored: 144, missed: 0 },
    { feed: 'nord', expected: 48, stored: 46, missed: 2 },
    { feed: 'koeln', expected: 144, stored: 144, missed: 0 },
    { feed: 'nord', expected: 48, stored: 48, missed: 0 },
  ]);
  expect(await query(bench.url, MINUTES)).toEqual([
    { feed: 'koeln', status: 'AVAILABLE', minutes: 1440 },
    { feed: 'koeln', status: 'CHARGING', minutes: 1440 },
    { feed: 'nord', status: 'AVAILABLE', minutes: 1440 },
    // Minutes that nobody observed are in no sum.
    { feed: 'nord', status: 'CHARGING', minutes: 1440 - 60 },
  ]);
  const events = await query(bench.url, EVENTS);
  const of = (feed: string) => events.filter((event) => event.feed === feed);
  const times = ({ status, start_at, end_at }: Record<string, unknown>) => ({ status, start_at, end_at });
  expect(of('nord').map(times)).toEqual(of('koeln').map(times));
  expect(of('nord').map(({ observed_minutes }) => observed_minutes)).toEqual([660, 720, 720, 720]);
});

it('a changed interval holds from the next slot on', async () => {
  const bench = await openBench();
  await collect(bench, slotAt(0), { nord: {} });
  await collect(bench, slotAt(72) - 1, { nord: { interval_minutes: 30 } });
  for (const index of slots.keys()) if (index < 72 || index % 3 === 0) await poll(bench, 'nord', index);
  for (const day of [DAY, NEXT_DAY]) await loadDay(bench, day);
  expect(await query(bench.url, 'select expected, stored from coverage order by day')).toEqual([
    { expected: 72 + 24, stored: 72 + 24 },
    { expected: 48, stored: 48 },
  ]);
  expect(await query(bench.url, MINUTES)).toEqual([
    { feed: 'nord', status: 'AVAILABLE', minutes: 1440 },
    { feed: 'nord', status: 'CHARGING', minutes: 1440 },
  ]);
});

it('a current status is fresh for as long as its feed’s interval says', async () => {
  const bench = await openBench();
  await bench.warehouse.migrate();
  const current = openPostgresCurrent(bench.url);
  const deps = { raw: bench.raw, readStatuses, current, bridgedSlots: 2 };
  const outcomes: Outcome[] = [];
  for (const feed of ['koeln', 'nord'])
    outcomes.push({ feed, outcome: 'stored', reason: null, key: await poll(bench, feed, 0), attempts: 1 });
  const input = { slot: slotAt(0), intervalMinutes: 10, intervals: { nord: 30 }, outcomes };
  await runActivity(keepCurrent, deps, input);
  await current.close();
  for (const table of ['current_status', 'current_feed'])
    expect(await query(bench.url, `select feed, interval_minutes from ${table} order by feed`)).toEqual([
      { feed: 'koeln', interval_minutes: 10 },
      { feed: 'nord', interval_minutes: 30 },
    ]);
});
