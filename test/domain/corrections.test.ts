import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Correction, excludedOfDay, excludedRanges, isExcluded } from '../../src/domain/corrections.js';

/** Instants from 0 to this one are tried. */
const LAST = 30;

const correction = fc
  .record({
    kind: fc.constantFrom('exclude' as const, 'include' as const),
    from: fc.nat(LAST - 1),
    length: fc.integer({ min: 1, max: LAST }),
    atMs: fc.nat(5),
    id: fc.string({ minLength: 1, maxLength: 2 }),
  })
  .map(({ length, ...rest }): Correction => ({
    ...rest,
    to: rest.from + length,
    feed: 'koeln',
    reason: null,
    by: 'test@host',
  }));
const corrections = fc.uniqueArray(correction, { selector: ({ id }) => id, maxLength: 12 });

/** Return whether an instant is excluded, in the simplest way: by the last correction that covers it. */
function isExcludedSimply(all: readonly Correction[], at: number): boolean {
  const covering = all.filter(({ from, to }) => from <= at && at < to);
  covering.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  return covering.at(-1)?.kind === 'exclude';
}

describe('excluded ranges', () => {
  it('hold what the latest correction says, in every order of the corrections', () => {
    fc.assert(
      fc.property(
        corrections.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          ),
        ),
        ([all, shuffled]) => {
          const ranges = excludedRanges(all);
          for (let at = -1; at <= 2 * LAST; at++)
            expect(isExcluded({ ranges }, at), String(at)).toBe(isExcludedSimply(all, at));
          expect(excludedRanges(shuffled)).toEqual(ranges);
          for (const [index, { from, to, correction: by }] of ranges.entries()) {
            expect(from).toBeLessThan(to);
            expect(by.kind).toBe('exclude');
            expect(from).toBeGreaterThanOrEqual(ranges[index - 1]?.to ?? -Infinity);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('take no quadratic time', () => {
    const many = Array.from({ length: 20_000 }, (_, at): Correction => ({
      id: String(at).padStart(5, '0'),
      kind: at % 3 === 0 ? 'include' : 'exclude',
      feed: 'koeln',
      from: at,
      to: 40_000 - at,
      reason: null,
      by: 'test@host',
      atMs: at,
    }));
    expect(excludedRanges(many).length).toBeGreaterThan(10_000);
  });
});

describe('the excluded slots of a day', () => {
  const day = { start: 100, end: 200 };
  it.each([
    ['nothing', [], [], false],
    ['a part', [[90, 120]], [[100, 120]], false],
    ['what ends where the day begins', [[50, 100]], [], false],
    ['what begins where the day ends', [[200, 300]], [], false],
    ['the whole day', [[100, 200]], [[100, 200]], true],
    ['more than the day', [[0, 300]], [[100, 200]], true],
    [
      'the whole day in two ranges',
      [
        [0, 150],
        [150, 300],
      ],
      [[100, 200]],
      true,
    ],
    [
      'all but one instant',
      [
        [0, 150],
        [151, 300],
      ],
      [
        [100, 150],
        [151, 200],
      ],
      false,
    ],
  ] as [string, number[][], number[][], boolean][])('%s', (_, ranges, expected, isWholeDay) => {
    const made = (list: number[][]) => list.map(([from = NaN, to = NaN]) => ({ from, to }));
    expect(excludedOfDay(made(ranges), day)).toEqual({ ranges: made(expected), isWholeDay });
  });
});
