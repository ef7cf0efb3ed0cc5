import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DayLoads } from '../../../src/commands/loads/dayLoads.js';
import { daysBetween } from '../../../src/domain/day.js';
import type { LoadDayResult } from '../../../src/workflows/loadOnce.js';

const DAYS = daysBetween('2022-01-01', '2022-12-31');

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

it('tells how far the days are, and estimates by those that are done how long the others take', () => {
  const loads = new DayLoads(DAYS);
  expect(loads.describeProgress()).toBe('0 of 365 days loaded, 0 facts');
  for (const day of DAYS.slice(0, 3)) loads.begin(day);
  vi.advanceTimersByTime(65_000);
  expect(loads.describeProgress()).toBe(
    '0 of 365 days loaded, 0 facts; 2022-01-01 and 2 more under way; 1 min, 5 sec',
  );
  loads.succeed('2022-01-02', result('2022-01-02'));
  loads.fail('2022-01-01', 'no');
  vi.advanceTimersByTime(35_000);
  // 100 seconds for two days: 363 more take 18,150.
  expect(loads.describeProgress()).toBe(
    '1 of 365 days loaded, 1 failed, 1,500 facts; 2022-01-03 under way; 1 min, 40 sec, about 5 hr, 3 min left',
  );
});

it('knows what is loaded, what failed and why, and what remains', () => {
  const loads = new DayLoads(DAYS.slice(0, 6));
  for (const day of DAYS.slice(0, 5)) loads.begin(day);
  for (const day of ['2022-01-04', '2022-01-02']) loads.succeed(day, result(day));
  loads.fail('2022-01-03', 'no room');
  loads.fail('2022-01-01', 'no room');
  expect(loads.results.map(({ day }) => day)).toEqual(['2022-01-02', '2022-01-04']);
  expect(loads.describeLoaded()).toBe('2 of 6 days are loaded: 2022-01-02, 2022-01-04');
  expect(loads.describeFailures()).toEqual(['2022-01-01, 2022-01-03 were not loaded: no room']);
  expect(loads.underWay).toEqual(['2022-01-05']);
  expect(loads.remaining).toEqual(['2022-01-05', '2022-01-06']);
});

function result(day: string): LoadDayResult {
  const facts = { chargingPointFacts: 500, connectorFacts: 1000 };
  return { day, revision: 1, feeds: 1, polls: 144, ...facts, quarantined: 0, unreadable: 0 };
}
