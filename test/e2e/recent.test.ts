import { afterAll, beforeAll, expect, it } from 'vitest';
import { dayBounds } from '../../src/domain/day.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { applySchedules, describeSchedules } from '../../src/temporal/schedules.js';
import { SCHEDULES } from '../../src/temporal/names.js';
import { storeAnswers } from './support/rawDays.js';
import { applyPaused } from './support/schedules.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';

const DAY = '2022-05-01';
const { start } = dayBounds(DAY, TIME_ZONE);
const HOUR_MS = 3_600_000;
const fleet = simulateFleet({ seed: 5, feeds: ['bonn', 'kiel'], stationsPerFeed: 3 });

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.open();
}, 60_000);
afterAll(() => system.close());

it('a schedule loads the day hour by hour while it is under way, and goes with its setting', async () => {
  const { client } = system;
  await applyPaused(system);
  await system.startLoading();
  const polls = () => system.query('select count(*)::int as polls, max(slot) as last from ops.poll');
  for (let hour = 1; hour <= 3; hour++) {
    const first = start + (hour - 1) * HOUR_MS;
    const slots = Array.from({ length: 6 }, (_, index) => first + index * INTERVAL_MINUTES * 60_000);
    await storeAnswers(system.raw, fleet, slots);
    system.nowMs = first + HOUR_MS + 60_000;
    await client.schedule.getHandle(SCHEDULES.loadRecent).trigger();
    await expect
      .poll(polls, { timeout: 60_000 })
      .toEqual([{ polls: 12 * hour, last: new Date(slots.at(-1) ?? 0) }]);
  }
  expect(await system.query(`select revision, reason from ops.day_revision order by 1`)).toEqual(
    [1, 2, 3].map((revision) => ({ revision, reason: 'during the day' })),
  );

  const stateOf = async () => (await describeSchedules(client, [SCHEDULES.loadRecent]))[0]?.state;
  expect(await stateOf()).not.toBe('absent');
  await applySchedules(client, {
    general: { timeZone: TIME_ZONE },
    polling: { intervalMinutes: INTERVAL_MINUTES },
    loading: { everyMinutes: undefined },
  });
  expect(await stateOf()).toBe('absent');
});
