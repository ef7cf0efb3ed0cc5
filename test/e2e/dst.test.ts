import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { addDays, type Day, dayBounds } from '../../src/domain/day.js';
import { formatSlot, type Slot } from '../../src/domain/slot.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { listRaw } from '../../src/stores/raw.js';
import { listSlotRuns } from '../../src/stores/slotRuns.js';
import type { AcquireSlotResult } from '../../src/workflows/acquireSlot.js';
import type { LoadDayResult } from '../../src/workflows/loadOnce.js';
import { SCHEDULES } from '../../src/temporal/names.js';
import { loaded, observed } from './support/observations.js';
import { acquireSlots, applyPaused, backfill } from './support/schedules.js';
import { SlotFeed } from './support/slotFeed.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';

const FEEDS = ['koeln', 'bonn'];
const INTERVAL_MS = INTERVAL_MINUTES * 60_000;
const fleet = simulateFleet({ seed: 7, feeds: FEEDS, stationsPerFeed: 2 });

/** What the clocks do, in words of its own: what the rest of the code says of days is not asked. */
const CLOCK_CHANGES = [
  { day: '2022-03-27', first: '2022-03-26T23:00Z', last: '2022-03-27T21:50Z', count: 138, hour2: 0 },
  { day: '2022-10-30', first: '2022-10-29T22:00Z', last: '2022-10-30T22:50Z', count: 150, hour2: 12 },
];

interface CollectedDay {
  system: TestSystem;
  feed: SlotFeed;
  results: AcquireSlotResult[];
}

/** Both days are collected side by side: the server starts no more than ten runs of a backfill in a second. */
const collected = new Map<Day, CollectedDay>();
beforeAll(async () => {
  const days = await Promise.all(CLOCK_CHANGES.map(({ first, last }) => collect(slotsFrom(first, last))));
  for (const [index, { day }] of CLOCK_CHANGES.entries()) collected.set(day, days[index] as CollectedDay);
  return () => Promise.all(days.map(({ system, feed }) => close(system, feed)));
}, 420_000);

describe.each(CLOCK_CHANGES)(
  '$day, collected and loaded by the schedules',
  ({ day, first, last, count, hour2 }) => {
    const slots = slotsFrom(first, last);
    let system: TestSystem;
    let feed: SlotFeed;
    let results: AcquireSlotResult[];
    beforeAll(() => {
      ({ system, feed, results } = collected.get(day) as CollectedDay);
    });

    it(`is ${count} slots, each polled once and stored`, async () => {
      expect(results).toEqual(
        slots.map((slot) => ({
          slot: formatSlot(slot),
          stored: FEEDS.length,
          failed: 0,
          missed: 0,
          notStored: {},
        })),
      );
      expect(results).toHaveLength(count);
      const polls = slots.flatMap((slot) => FEEDS.map((name) => feed.poll(slot, name)));
      expect(feed.server.log.map(({ feed: poll }) => poll).sort()).toEqual(polls.sort());
      for (const name of FEEDS) expect(await storedSlots(system, name, day)).toEqual(slots);
      expect(await recordedSlots(system, day)).toEqual(slots);
    });

    it('is loaded by the run of the night after it: whole, and nothing of its neighbours', async () => {
      const nextDay = dayBounds(addDays(day, 1), TIME_ZONE);
      const spans = [{ first: nextDay.start, last: nextDay.end - 1 }];
      const runs = { runs: 1, timeoutMs: 60_000 };
      const [result] = await backfill<LoadDayResult>(system, SCHEDULES.loadDay, spans, runs);
      expect(result).toMatchObject({ day, revision: 1, polls: count * FEEDS.length });
      expect(await loaded(system)).toEqual(observed(await feed.goodAnswers()));
      const days = await system.query(
        'select day::text, count(distinct slot)::int as slots from status_connectors group by 1',
      );
      expect(days).toEqual([{ day, slots: count }]);
    });

    it('has keys that tell apart what happened at the same local time', async () => {
      const keys = await system.query(
        `select count(*)::int as facts, count(distinct id_status_cp)::int as keys from status_chargingpoints`,
      );
      expect(keys[0]?.facts).toBe(keys[0]?.keys);
    });

    it(`has ${hour2} times between 02:00 and 03:00`, async () => {
      const hours = await system.query<{ hour: number; times: number }>(
        `select hour, count(*)::int as times from time where day = extract(day from $1::date) group by 1 order by 1`,
        [day],
      );
      const expected = Array.from({ length: 24 }, (_, hour) => ({
        hour,
        times: hour === 2 ? hour2 : 6,
      }));
      expect(hours).toEqual(expected.filter(({ times }) => times > 0));
      expect(await system.query('select count(*)::int as times from time')).toEqual([{ times: count }]);
    });
  },
);

describe('a slot that is over', { timeout: 60_000 }, () => {
  it('can’t be polled: its run stores nothing and says late, where the answer is not there yet', async () => {
    const stored = slotsFrom('2022-10-30T00:10Z', '2022-10-30T00:20Z');
    const over = slotsFrom('2022-10-30T00:30Z', '2022-10-30T00:40Z');
    const [system, feed] = await open(stored);
    onTestFinished(() => close(system, feed));
    const atTheirTime = await system.startAcquiring(feed.activities(system.raw));
    await acquireSlots(system, stored);
    await atTheirTime.stop();

    await system.startAcquiring(undefined, { LADEPULS_CHARGECLOUD_URL: feed.server.url });
    const late = { koeln: 'late', bonn: 'late' };
    expect(await acquireSlots(system, [...stored, ...over])).toEqual([
      ...stored.map((slot) => ({ slot: formatSlot(slot), stored: 2, failed: 0, missed: 0, notStored: {} })),
      ...over.map((slot) => ({ slot: formatSlot(slot), stored: 0, failed: 0, missed: 2, notStored: late })),
    ]);
    expect(feed.server.log).toHaveLength(stored.length * FEEDS.length);
    for (const name of FEEDS) expect(await storedSlots(system, name, '2022-10-30')).toEqual(stored);
  });
});

/** The slots from one to another, both included. */
function slotsFrom(first: string, last: string): Slot[] {
  const slots: Slot[] = [];
  for (let slot = Date.parse(first); slot <= Date.parse(last); slot += INTERVAL_MS) slots.push(slot);
  return slots;
}

/** A system that collects a small fleet from the first slot on, with its schedules. */
async function open(slots: Slot[]): Promise<[TestSystem, SlotFeed]> {
  const system = await TestSystem.open();
  const feed = await SlotFeed.start({ content: fleet, slots });
  await feed.recordCollection(system.raw);
  await applyPaused(system);
  return [system, feed];
}

async function collect(slots: Slot[]): Promise<CollectedDay> {
  const [system, feed] = await open(slots);
  await system.startAcquiring(feed.activities(system.raw));
  await system.startLoading();
  return { system, feed, results: await acquireSlots(system, slots) };
}

async function close(system: TestSystem, feed: SlotFeed): Promise<void> {
  await system.close();
  await feed.stop();
}

async function storedSlots({ raw }: TestSystem, feed: string, day: Day): Promise<Slot[]> {
  const slots: Slot[] = [];
  for await (const { slot } of listRaw(raw, 'accepted', feed, day)) slots.push(slot);
  return slots;
}

async function recordedSlots({ raw }: TestSystem, day: Day): Promise<Slot[]> {
  const slots: Slot[] = [];
  for await (const { slot } of listSlotRuns(raw, day)) slots.push(slot);
  return slots;
}
