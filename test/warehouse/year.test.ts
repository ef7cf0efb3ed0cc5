import pMap from 'p-map';
import { beforeAll, expect, it } from 'vitest';
import { createRandom } from '../../src/simulation/feed/random.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type Day, daysBetween, slotsOfDay } from '../../src/domain/day.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import { putPoll, ZONE } from '../cleaning/support/polls.js';
import { makeStores, type Stores } from '../cleaning/support/stores.js';
import { loadDay, newLoad, openBench, stepsOf } from './support/loads.js';
import { digest, query } from './support/query.js';

/** The days of a year, or, unless LADEPULS_TEST_LONG is set, three days, of which the second has 25 hours. */
const DAYS = process.env.LADEPULS_TEST_LONG
  ? daysBetween('2022-01-01', '2022-12-31')
  : daysBetween('2022-10-29', '2022-10-31');
const FLEET = simulateFleet({
  seed: 7,
  feeds: ['koeln', 'bonn'],
  stationsPerFeed: 5,
  renumbering: { feed: 'koeln', day: DAYS[Math.floor(DAYS.length / 2)] ?? '' },
  timeZone: ZONE,
});
const WRITES_AT_ONCE = 24;
const TIMEOUT_MS = 3 * 3_600_000;

let stores: Stores;
beforeAll(async () => {
  const { remove, ...made } = makeStores();
  stores = made;
  for (const day of DAYS) {
    const polls = slotsOfDay(day, ZONE, 10).flatMap((slot) => FLEET.feeds.map((feed) => ({ slot, feed })));
    await pMap(polls, (poll) => putPoll(stores.raw, { ...poll, body: bodyOf(poll) }), {
      concurrency: WRITES_AT_ONCE,
    });
  }
  return remove;
}, TIMEOUT_MS);

function bodyOf({ slot, feed }: { slot: number; feed: string }): Buffer {
  return Buffer.from(FLEET.envelope(feed, slot, slot + 2_000));
}

/** Return the days in a random order, which is the same every time. */
function shuffled(days: Day[]): Day[] {
  const random = createRandom(3);
  return days
    .map((day) => ({ day, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ day }) => day);
}

it(
  'ten stations loaded forwards, backwards, shuffled and rebuilt are the same, row for row, from single and from sealed answers',
  async () => {
    const bench = await openBench(stores);
    for (const day of DAYS) await loadDay(bench, day);
    const forwards = await digest(bench.url);
    const [kinds] = await query(
      bench.url,
      `select count(*) filter (where changed is null) > 0 as first,
         count(*) filter (where changed like '%evse_id%') > 0 as renumbered from charging_point_history`,
    );
    expect(kinds).toEqual({ first: true, renumbered: true });

    for (const feed of FLEET.feeds)
      for (const day of DAYS.slice(0, Math.ceil(DAYS.length / 2))) await sealFeedDay(stores.raw, feed, day);
    for (const days of [[...DAYS].reverse(), shuffled(DAYS)]) {
      const other = await openBench(stores);
      for (const day of days) await loadDay(other, day);
      expect(await digest(other.url)).toEqual(forwards);
    }

    await bench.warehouse.beginRebuild('year');
    for (const day of DAYS)
      for (const step of stepsOf(bench, { ...newLoad(day), isRebuild: true }, 'rebuild')) await step.run();
    expect(await bench.warehouse.exchange('year')).toEqual([]);
    await bench.warehouse.dropReplaced();
    expect(await digest(bench.url)).toEqual(forwards);
  },
  TIMEOUT_MS,
);
