import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, dayBounds, dayOf, daysBetween, parseDay, slotsOfDay } from '../../src/domain/day.js';
import { ALLOWED_INTERVAL_MINUTES, slotOf } from '../../src/domain/slot.js';

const BERLIN = 'Europe/Berlin';

/**
 * Zones with offsets of half and quarter hours, and with clock changes at midnight, by half an hour, and by a whole
 * day.
 */
const ZONES = [
  BERLIN,
  'UTC',
  'America/New_York',
  'America/Havana',
  'America/Sao_Paulo',
  'America/Santiago',
  'Atlantic/Azores',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];
const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) });
const HOUR_MS = 3_600_000;

describe('a day', () => {
  it('holds exactly the instants that fall on it', () => {
    const property = fc.property(instants, zones, (instantMs, zone) => {
      const day = dayOf(instantMs, zone);
      const { start, end } = dayBounds(day, zone);
      expect(start).toBeLessThanOrEqual(instantMs);
      expect(end).toBeGreaterThan(instantMs);
      expect([dayOf(start, zone), dayOf(end - 1, zone)]).toEqual([day, day]);
      expect(dayOf(start - 1, zone) < day && dayOf(end, zone) > day).toBe(true);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it.each([
    ['America/Havana', '2023-11-05', 25],
    ['Atlantic/Azores', '2022-10-30', 25],
    ['America/Sao_Paulo', '2018-11-04', 23],
    ['Africa/Cairo', '2023-04-28', 23],
    ['Australia/Lord_Howe', '2023-04-02', 24.5],
    ['Pacific/Apia', '2011-12-30', 0],
  ])('in %s, %s has %d hours, and is bounded by its neighbours', (zone, day, hours) => {
    const { start, end } = dayBounds(day, zone);
    expect((end - start) / HOUR_MS).toBe(hours);
    expect(dayBounds(addDays(day, -1), zone).end).toBe(start);
    expect(dayBounds(addDays(day, 1), zone).start).toBe(end);
  });
});

describe('the slots of a day', () => {
  it.each([
    ['2022-01-11', 144],
    ['2022-03-27', 138],
    ['2022-10-30', 150],
  ])('of %s in Berlin are %d', (day, count) => {
    expect(slotsOfDay(day, BERLIN, 10)).toHaveLength(count);
  });

  it('are all slots that fall on it, in order, each once', () => {
    const property = fc.property(
      instants,
      zones,
      fc.constantFrom(...ALLOWED_INTERVAL_MINUTES),
      (instantMs, zone, minutes) => {
        const slots = slotsOfDay(dayOf(instantMs, zone), zone, minutes);
        expect(slots.every((slot) => dayOf(slot, zone) === dayOf(instantMs, zone))).toBe(true);
        expect(slots.every((slot, at) => at === 0 || slot - (slots[at - 1] ?? 0) === minutes * 60_000)).toBe(
          true,
        );
        const slot = slotOf(instantMs, minutes);
        // The instant's slot may begin on the day before.
        expect(slots.includes(slot)).toBe(dayOf(slot, zone) === dayOf(instantMs, zone));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('leave out none and double none at the change of any day of a year with both clock changes', () => {
    for (const zone of [BERLIN, 'America/Havana', 'Atlantic/Azores', 'Asia/Beirut']) {
      const slots = daysBetween('2022-01-01', '2022-12-31').flatMap((day) => slotsOfDay(day, zone, 30));
      const first = slots[0] ?? NaN;
      expect(slots).toEqual(slots.map((_, at) => first + at * 30 * 60_000));
    }
  });
});

describe('parseDay', () => {
  it('takes a day that exists', () => {
    expect(parseDay('2024-02-29')).toBe('2024-02-29');
  });

  it.each(['', '2022-1-11', '2023-02-29', '2022-13-01', '2022-01-11T00:00', '11.01.2022', '2022-01-11 '])(
    'refuses %j, and says what it expects',
    (text) => {
      expect(() => parseDay(text)).toThrow(RangeError);
      expect(() => parseDay(text)).toThrow(`"${text}" is not a day: expected a date like 2022-01-11`);
    },
  );
});

it('days are counted by the calendar, whatever the clocks do', () => {
  const days = fc
    .integer({ min: 0, max: 20_000 })
    .map((n) => new Date(n * 24 * HOUR_MS).toISOString().slice(0, 10));
  const property = fc.property(days, fc.integer({ min: 0, max: 500 }), (day, count) => {
    const last = addDays(day, count);
    const between = daysBetween(day, last);
    expect(between).toHaveLength(count + 1);
    expect(between.at(-1)).toBe(last);
    expect(addDays(last, -count)).toBe(day);
  });
  fc.assert(property, { numRuns: 50 });
  expect(daysBetween('2022-03-26', '2022-03-28')).toEqual(['2022-03-26', '2022-03-27', '2022-03-28']);
  expect(() => daysBetween('2022-01-12', '2022-01-11')).toThrow(
    'the first day 2022-01-12 is after the last day 2022-01-11',
  );
});
