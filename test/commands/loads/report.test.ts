import { expect, it } from 'vitest';
import { describeLoads } from '../../../src/commands/loads/report.js';
import { type Day, daysBetween } from '../../../src/domain/day.js';
import type { LoadDayResult } from '../../../src/workflows/loadOnce.js';

const YEAR = daysBetween('2023-01-01', '2023-12-31');

it('lists the days of a month, each with its counts', () => {
  const text = describeLoads(YEAR.slice(0, 31).map((day) => loaded(day)));
  for (const day of YEAR.slice(0, 31)) expect(text).toContain(day);
});

it('sums a year up by month, and names the days that stand out', () => {
  const odd = new Map<Day, Partial<LoadDayResult>>([
    ['2023-03-05', { polls: 100 }],
    ['2023-06-07', { quarantined: 50 }],
    ['2023-08-01', { feeds: 0, polls: 0, chargingPointFacts: 0, connectorFacts: 0 }],
    ['2023-08-02', { feeds: 0, polls: 0, chargingPointFacts: 0, connectorFacts: 0 }],
    // A day of 23 hours is no odd one.
    ['2023-03-26', { polls: 138 }],
  ]);
  const lines = describeLoads(YEAR.map((day) => loaded(day, odd.get(day)))).split('\n');
  const rows = lines.map((line) => line.match(/[\w-]+/g) ?? []);
  expect(lines.length).toBeLessThan(40);
  expect(rows.filter(([month]) => /^2023-\d\d$/.test(month))).toHaveLength(12);
  expect(rows).toContainEqual(['2023-01', '31', '1', '4464', '31000', '62000', '31', '0']);
  const polls = 365 * 144 - (144 - 100) - (144 - 138) - 2 * 144;
  expect(rows).toContainEqual(['total', '365', '1', `${polls}`, '363000', '726000', `${365 + 49}`, '0']);
  const days = rows.map(([day]) => day).filter((day) => /^\d{4}-\d\d-\d\d$/.test(day));
  expect(days).toEqual(['2023-03-05', '2023-06-07']);
  expect(lines.at(-1)).toBe(
    'The raw store has no answers of 2023-08-01 to 2023-08-02. Import answers with "ladepuls import", then load again.',
  );
});

it('lists no more than a screen of days that stand out, and says how many others do', () => {
  const text = describeLoads(YEAR.map((day, index) => loaded(day, index < 100 ? { unreadable: 9 } : {})));
  expect(text.match(/│ 2023-\d\d-\d\d/g)).toHaveLength(20);
  expect(text.split('\n').at(-1)).toBe('and 80 more (--json has all)');
});

function loaded(day: Day, odd: Partial<LoadDayResult> = {}): LoadDayResult {
  const facts = { chargingPointFacts: 1000, connectorFacts: 2000 };
  return { day, revision: 1, feeds: 1, polls: 144, ...facts, quarantined: 1, unreadable: 0, ...odd };
}
