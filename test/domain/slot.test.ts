import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALLOWED_INTERVAL_MINUTES,
  formatSlot,
  isSlotOf,
  ownInterval,
  parseSlot,
  pollDeadline,
  slotOf,
} from '../../src/domain/slot.js';

const instants = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
const intervals = fc.constantFrom(...ALLOWED_INTERVAL_MINUTES);

describe('ownInterval', () => {
  it('is the shortest whose slots are slots of both', () => {
    const property = fc.property(intervals, intervals, fc.nat(1_000), (wanted, slotMinutes, count) => {
      const own = ownInterval(wanted, slotMinutes);
      const instant = count * 60_000;
      expect(isSlotOf(instant, own)).toBe(isSlotOf(instant, wanted) && isSlotOf(instant, slotMinutes));
      expect(60 % own).toBe(0);
    });
    fc.assert(property);
  });
});

describe('slotOf', () => {
  it('is the last multiple of the interval that is not after the instant', () => {
    const property = fc.property(instants, intervals, (instantMs, minutes) => {
      const slot = slotOf(instantMs, minutes);
      expect(slot % (minutes * 60_000)).toBe(0);
      expect(slot).toBeLessThanOrEqual(instantMs);
      expect(instantMs - slot).toBeLessThan(minutes * 60_000);
    });
    fc.assert(property);
  });

  it('falls on the same minutes of every UTC hour', () => {
    const property = fc.property(instants, intervals, (instantMs, minutes) => {
      expect(new Date(slotOf(instantMs, minutes)).getUTCMinutes() % minutes).toBe(0);
    });
    fc.assert(property);
  });

  it('leaves a slot as it is, and rounds its last millisecond down to it', () => {
    const slot = Date.UTC(2022, 0, 11, 20, 50);
    expect(slotOf(slot, 10)).toBe(slot);
    expect(slotOf(slot + 599_999, 10)).toBe(slot);
    expect(slotOf(slot - 1, 10)).toBe(slot - 600_000);
  });
});

describe('a written slot', () => {
  it('reads as the slot it was', () => {
    const property = fc.property(instants, intervals, (instantMs, minutes) => {
      const slot = slotOf(instantMs, minutes);
      expect(parseSlot(formatSlot(slot))).toBe(slot);
    });
    fc.assert(property);
    expect(formatSlot(Date.UTC(2022, 0, 11, 20, 50))).toBe('20220111T2050Z');
  });

  it('sorts like the slot', () => {
    const property = fc.property(instants, instants, (a, b) => {
      const [first, second] = [slotOf(a, 1), slotOf(b, 1)];
      expect(formatSlot(first) < formatSlot(second)).toBe(first < second);
    });
    fc.assert(property);
  });

  it.each([
    '',
    '2022-01-11T20:50:00Z',
    '20220111T2050',
    '20220111T205000Z',
    '20220230T2050Z',
    '20221301T2050Z',
    '20220111T2400Z',
    '20220111T2060Z',
    ' 20220111T2050Z',
    '20220111T2050Z\n',
  ])('is not %j', (text) => {
    expect(() => parseSlot(text)).toThrow(RangeError);
    expect(() => parseSlot(text)).toThrow(`"${text}" is not a slot: expected UTC like 20220111T2050Z`);
  });
});

it('a poll gives up at 90 % of its slot, so before the next one begins', () => {
  const slot = Date.UTC(2022, 0, 11, 20, 50);
  expect(pollDeadline(slot, 10)).toBe(slot + 540_000);
  for (const minutes of ALLOWED_INTERVAL_MINUTES)
    expect(pollDeadline(slot, minutes)).toBeLessThan(slot + minutes * 60_000);
});
