import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { dayOf, slotsOfDay } from '../../src/domain/day.js';
import { envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { makeStores } from '../cleaning/support/stores.js';
import { activitiesOf, type LoadBench, loadDay, makeBench } from './support/loads.js';
import { emptyWarehouse } from './support/empty.js';
import { digest, query } from './support/query.js';

const RUNS = process.env.LADEPULS_TEST_LONG ? 100 : 3;
/** A day with 25 hours and its neighbours. The same few entities appear and disappear on these days. */
const DAYS = ['2022-10-29', '2022-10-30', '2022-10-31'];

let benches: LoadBench[];
beforeAll(async () => {
  const made = [await makeBench(), await makeBench()];
  benches = made;
  return async () => {
    for (const bench of made) await bench.remove();
  };
});

interface RandomPoll {
  day: string;
  slot: number;
  feed: string;
  /** The charging points that the poll shows, of at most four in two stations. */
  points: { id: number; status: string | null; floor: string; at: number }[];
  /** Seconds from the slot to the timestamp. Two polls may have the same timestamp. */
  seconds: number;
}

const poll = fc.record<RandomPoll>({
  day: fc.constantFrom(...DAYS),
  slot: fc.constantFrom(0, 1, 13, 14, 70, 137, 143),
  feed: fc.constantFrom('koeln', 'bonn'),
  points: fc.array(
    fc.record({
      id: fc.integer({ min: 1, max: 4 }),
      status: fc.constantFrom('AVAILABLE', 'CHARGING', 'AVAILABLE', null),
      floor: fc.constantFrom('0', '1'),
      at: fc.integer({ min: 1, max: 2 }),
    }),
    { maxLength: 4 },
  ),
  seconds: fc.constantFrom(0, 300, 590),
});

/** All days in any order; some may be loaded several times. */
const order = fc
  .array(fc.constantFrom(...DAYS), { maxLength: 3 })
  .chain((more) => fc.shuffledSubarray([...DAYS, ...more], { minLength: DAYS.length + more.length }));

function bodyOf({ points, seconds }: RandomPoll, slot: number): object {
  const stations = [1, 2].map((id) =>
    station(
      String(id),
      points
        .filter(({ at }) => at === id)
        .map((one) => point(String(one.id), one.status, { floor_level: one.floor })),
    ),
  );
  return envelope(slot, stations, new Date(slot + seconds * 1000).toISOString());
}

it(
  'days loaded in any order, any number of times, give the same warehouse, row for row',
  async () => {
    const property = fc.asyncProperty(
      fc.array(poll, { minLength: 4, maxLength: 25 }),
      order,
      order,
      async (polls, ...orders) => {
        const stores = makeStores();
        try {
          for (const [at, random] of polls.entries()) {
            const slot = slotsOfDay(random.day, ZONE, 10)[random.slot] ?? NaN;
            expect(dayOf(slot, ZONE)).toBe(random.day);
            const body = bodyOf(random, slot);
            await putPoll(stores.raw, { slot, feed: random.feed, body, receivedMs: slot + at });
          }
          const digests = [];
          for (const [at, days] of orders.entries()) {
            const bench = benches[at] ?? expect.fail('no bench');
            await emptyWarehouse(bench.url);
            const parts = { ...bench, activities: activitiesOf({ ...stores, warehouse: bench.warehouse }) };
            for (const day of days) await loadDay(parts, day);
            digests.push(await digest(bench.url));
            await checkWhole(bench.url);
          }
          expect(digests[0]).toEqual(digests[1]);
        } finally {
          stores.remove();
        }
      },
    );
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  },
  20 * 60_000,
);

/** Check conditions that hold for every warehouse, whatever was loaded. */
async function checkWhole(url: string): Promise<void> {
  const broken = await query(
    url,
    `select 'a key is not unique' as what from status_chargingpoints group by id_status_cp having count(*) > 1
     union all select 'a fact has no dimension' from status_chargingpoints f
       where not exists (select from charging_point p where p.id_cp = f.id_chargingpoint)
     union all select 'a connector fact has no dimension' from status_connectors f
       where not exists (select from connector c where c.id_connector = f.id_connector)
     union all select 'time lacks a query_time' from (
       select query_time from status_chargingpoints union select query_time from status_connectors
       except select query_time from time) f
     union all select 'time has more' from (
       select query_time from time except
       (select query_time from status_chargingpoints union select query_time from status_connectors)) f
     union all select 'last_seen is not the last run' from charging_point
       where last_seen <> (select max(last_slot) from ops.charging_point_content_span r where r.id_cp = charging_point.id_cp)`,
  );
  expect(broken).toEqual([]);
}
