import { expect, it } from 'vitest';
import { normaliseOpeningHours } from '../../src/domain/openingHours.js';
import { fitText } from '../../src/domain/textBytes.js';

const period = (weekday: unknown, period_begin: unknown, period_end: unknown) => ({
  weekday,
  period_begin,
  period_end,
});
const json = (...periods: unknown[]) => normaliseOpeningHours(periods).value;

it('sorts by weekday, the holidays last, and by begin, and keeps each period once', () => {
  expect(
    json(
      period('holiday', '10:00:00', '12:00:00'),
      period(2, '13:00', '18:00'),
      period('2', '8:00', '12:00'),
      period(2, '08:00:00', '12:00:59'),
    ),
  ).toBe(
    '[{"weekday":2,"begin":"08:00","end":"12:00"},{"weekday":2,"begin":"13:00","end":"18:00"},' +
      '{"weekday":"holiday","begin":"10:00","end":"12:00"}]',
  );
});

it('keeps whole days and periods over midnight', () => {
  expect(json(period(1, '00:00:00', '00:00:00'))).toBe('[{"weekday":1,"begin":"00:00","end":"00:00"}]');
  expect(json(period(1, '00:00', '24:00'))).toBe('[{"weekday":1,"begin":"00:00","end":"00:00"}]');
  expect(json(period(5, '22:00', '02:30'))).toBe('[{"weekday":5,"begin":"22:00","end":"02:30"}]');
});

it('tells no hours from unknown ones', () => {
  expect(normaliseOpeningHours([])).toEqual({ value: '[]', issues: [] });
  expect(normaliseOpeningHours(undefined)).toEqual({ value: null, issues: [] });
  expect(normaliseOpeningHours('daily')).toEqual({
    value: null,
    issues: [{ reason: 'not_an_array', at: '', raw: 'daily' }],
  });
});

it.each([
  [period(0, '08:00', '12:00')],
  [period(8, '08:00', '12:00')],
  [period(1.5, '08:00', '12:00')],
  [period('Monday', '08:00', '12:00')],
  [period(1, '24:00', '12:00')],
  [period(1, '08:60', '12:00')],
  [period(1, '08:00', '24:01')],
  [period(1, 8, 12)],
  [period(1, '08:00', undefined)],
  ['08:00-12:00'],
  [null],
])('takes hours with %j as unknown, and says where it stood', (bad) => {
  const good = period(7, '08:00', '12:00');
  expect(json(good)).not.toBeNull();
  for (const [periods, at] of [
    [[bad], '[0]'],
    [[good, bad], '[1]'],
  ] as const)
    expect(normaliseOpeningHours(periods)).toEqual({
      value: null,
      issues: [{ reason: 'bad_opening_period', at, raw: bad }],
    });
});

it('takes hours of more periods than a column holds as unknown, and says so', () => {
  const minutes = Array.from({ length: 300 }, (_, at) => [Math.floor(at / 60), at % 60] as const);
  const times = minutes.map((time) => time.map((part) => String(part).padStart(2, '0')).join(':'));
  const most = times.map((time) => period('holiday', time, '12:00'));
  const hours = json(...most, ...most) ?? expect.fail('300 periods are not read');
  expect(JSON.parse(hours)).toHaveLength(300);
  expect(fitText('opening_hours', hours)).toBe(hours);
  expect(normaliseOpeningHours([...most, period(1, '08:00', '12:00')])).toMatchObject({
    value: null,
    issues: [{ reason: 'too_many_periods', at: '' }],
  });
});
