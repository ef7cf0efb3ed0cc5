import { expect, it } from 'vitest';
import { choosePeriod, lengthOf, periodBefore } from '../../../src/serving/reports/period.js';

it('is four weeks until the last day that is loaded, where nothing is said', () => {
  const period = choosePeriod({}, '2022-03-31');
  expect(period).toEqual({ from: '2022-03-04', to: '2022-03-31' });
  expect(lengthOf(period)).toBe(28);
});

it('is what is said, and four weeks where only the end is', () => {
  expect(choosePeriod({ from: '2022-01-11' }, '2022-01-12')).toEqual({
    from: '2022-01-11',
    to: '2022-01-12',
  });
  expect(choosePeriod({ to: '2022-03-01' }, '2022-12-31')).toEqual({ from: '2022-02-02', to: '2022-03-01' });
});

it('has one of the same length before it, over the change of clocks too', () => {
  expect(periodBefore({ from: '2022-03-28', to: '2022-03-28' })).toEqual({
    from: '2022-03-27',
    to: '2022-03-27',
  });
  expect(periodBefore({ from: '2022-03-01', to: '2022-03-31' })).toEqual({
    from: '2022-01-29',
    to: '2022-02-28',
  });
});

it.each([
  [{ from: 'yesterday' }, /"yesterday" is not a day/],
  [{ to: '2022-02-30' }, /"2022-02-30" is not a day/],
  [{ from: '2022-01-02', to: '2022-01-01' }, /the first day 2022-01-02 is after the last day 2022-01-01/],
])('%j is refused', (asked, message) => {
  expect(() => choosePeriod(asked, '2022-01-31')).toThrow(message);
});
