import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countSlots,
  type Evidence,
  type ExpectedStretch,
  findGaps,
  intervalsOf,
  judgeSlots,
  shareGaps,
  sumCoverage,
} from '../../src/domain/coverage.js';
import type { Slot } from '../../src/domain/slot.js';

const MINUTE_MS = 60_000;
const NOON = Date.UTC(2026, 0, 31, 12);
/** Return the n-th slot of ten minutes after noon. */
const slot = (n: number): Slot => NOON + n * 10 * MINUTE_MS;
const NOTHING: Evidence = {
  stored: new Set(),
  isExcluded: () => false,
  answered: new Set(),
  reasons: new Map(),
};
const hour: ExpectedStretch = { startMs: NOON, endMs: slot(6), intervalMinutes: 10, paused: false };
const LATER = slot(100);

describe('expected slots', () => {
  it('are those of the stretch, its end not included', () => {
    expect(judgeSlots([hour], NOTHING, LATER).map((judged) => judged.slot)).toEqual(
      [0, 1, 2, 3, 4, 5].map(slot),
    );
  });

  it('begin with the first whole one', () => {
    const late = { ...hour, startMs: NOON + 1 };
    expect(judgeSlots([late], NOTHING, LATER)[0]?.slot).toBe(slot(1));
  });

  it('count once they are decided: at their deadline, or when they are stored', () => {
    const now = slot(2) + 9 * MINUTE_MS;
    expect(judgeSlots([hour], NOTHING, now - 1)).toHaveLength(2);
    expect(judgeSlots([hour], NOTHING, now)).toHaveLength(3);
    expect(judgeSlots([hour], { ...NOTHING, stored: new Set([slot(2)]) }, now - 1)).toHaveLength(3);
  });

  it('are never in the future, whatever is stored', () => {
    expect(judgeSlots([hour], { ...NOTHING, stored: new Set([slot(3)]) }, slot(3) - 1)).toHaveLength(3);
  });

  it('are counted once where two collectors poll the feed', () => {
    expect(judgeSlots([hour, { ...hour, intervalMinutes: 20 }], NOTHING, LATER)).toHaveLength(6);
  });
});

describe('what became of a slot', () => {
  const judge = (stretches: ExpectedStretch[], evidence: Partial<Evidence>) => {
    const [first] = judgeSlots(stretches, { ...NOTHING, ...evidence }, LATER);
    return [first?.outcome, first?.reason];
  };
  const one = { ...hour, endMs: slot(1) };
  const here = new Set([slot(0)]);
  const told = new Map([[slot(0), 'http_500']]);

  it.each([
    [
      'a good answer counts before all',
      [one],
      { stored: here, answered: here, reasons: told },
      ['stored', null],
    ],
    ['a wrong answer is a failure', [one], { answered: here, reasons: told }, ['failed', 'http_500']],
    ['a wrong answer without a reason', [one], { answered: here }, ['failed', 'unknown']],
    [
      'an excluded answer is a failure, whatever else came',
      [one],
      { isExcluded: () => true, answered: here, reasons: told },
      ['failed', 'excluded'],
    ],
    ['no answer, but a run', [one], { reasons: told }, ['missed', 'http_500']],
    ['no answer and no run', [one], {}, ['missed', 'not_running']],
    ['a paused feed', [{ ...one, paused: true }], {}, ['missed', 'paused']],
    ['paused by one collector of two', [{ ...one, paused: true }, one], {}, ['missed', 'not_running']],
  ] as [string, ExpectedStretch[], Partial<Evidence>, unknown[]][])(
    '%s',
    (_, stretches, evidence, expected) => {
      expect(judge(stretches, evidence)).toEqual(expected);
    },
  );
});

describe('gaps', () => {
  it('are ranges of one outcome and reason, ended by a stored slot', () => {
    const evidence: Evidence = {
      ...NOTHING,
      stored: new Set([slot(2)]),
      answered: new Set([slot(5)]),
      reasons: new Map([[slot(4), 'refused']]),
    };
    expect(findGaps(judgeSlots([hour], evidence, LATER))).toEqual([
      { outcome: 'missed', reason: 'not_running', first: slot(0), last: slot(1), slots: 2 },
      { outcome: 'missed', reason: 'not_running', first: slot(3), last: slot(3), slots: 1 },
      { outcome: 'missed', reason: 'refused', first: slot(4), last: slot(4), slots: 1 },
      { outcome: 'failed', reason: 'unknown', first: slot(5), last: slot(5), slots: 1 },
    ]);
  });

  it('that several feeds have alike are told once, the longest first', () => {
    const gap = (first: number, last: number) =>
      ({
        outcome: 'missed',
        reason: 'late',
        first: slot(first),
        last: slot(last),
        slots: last - first + 1,
      }) as const;
    const shared = shareGaps(new Map([['bonn', [gap(0, 1)]], ['kiel', [gap(0, 1), gap(3, 6)]]])); // prettier-ignore
    expect(shared.map(({ slots, feeds }) => [slots, feeds])).toEqual([
      [4, ['kiel']],
      [2, ['bonn', 'kiel']],
    ]);
  });
});

describe('whatever happened', () => {
  const slots = fc.integer({ min: -3, max: 40 }).map(slot);
  const stretch = fc
    .tuple(
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 0, max: 200 }),
      fc.constantFrom(5, 10, 20),
      fc.boolean(),
    )
    .map(([start, minutes, intervalMinutes, paused]) => ({
      startMs: NOON + start * MINUTE_MS,
      endMs: NOON + (start + minutes) * MINUTE_MS,
      intervalMinutes,
      paused,
    }));
  const evidence = fc.record({
    stored: fc.array(slots).map((list) => new Set(list)),
    isExcluded: fc.array(slots).map((list) => (slot: Slot) => list.includes(slot)),
    answered: fc.array(slots).map((list) => new Set(list)),
    reasons: fc.array(fc.tuple(slots, fc.constantFrom('late', 'refused'))).map((list) => new Map(list)),
  });

  it('all that was expected is accounted for, by outcome, by reason and by gap', () => {
    fc.assert(
      fc.property(fc.array(stretch), evidence, fc.integer({ min: -5, max: 50 }), (stretches, known, n) => {
        const judged = judgeSlots(stretches, known, slot(n));
        const { expected, stored, failed, missed, reasons } = countSlots(judged);
        expect(stored + failed + missed).toBe(expected);
        expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(failed + missed);
        const gaps = findGaps(judged);
        expect(gaps.reduce((sum, gap) => sum + gap.slots, 0)).toBe(failed + missed);
        expect(judged.every((one) => one.slot <= slot(n))).toBe(true);
        expect(judged.map((one) => one.slot)).toEqual(
          [...new Set(judged.map((one) => one.slot))].sort((a, b) => a - b),
        );
      }),
    );
  });

  it('the parts of a time add up to the whole', () => {
    fc.assert(
      fc.property(fc.array(stretch), evidence, fc.integer({ min: 0, max: 40 }), (stretches, known, n) => {
        const judged = judgeSlots(stretches, known, LATER);
        const parts = [
          judged.filter((one) => one.slot < slot(n)),
          judged.filter((one) => one.slot >= slot(n)),
        ];
        expect(sumCoverage(parts.map(countSlots))).toEqual(countSlots(judged));
      }),
    );
  });
});

describe('intervals', () => {
  const stretch = (from: number, to: number, intervalMinutes: number): ExpectedStretch => ({
    startMs: slot(from),
    endMs: slot(to),
    intervalMinutes,
    paused: false,
  });

  it.each<[string, ExpectedStretch[], [number, number][]]>([
    ['of what nobody was to poll is the usual one', [], [[-Infinity, 10]]],
    ['holds before the first stretch and behind the last one', [stretch(3, 6, 20)], [[-Infinity, 20]]],
    [
      'change where another stretch begins',
      [stretch(0, 3, 20), stretch(3, 6, 5)],
      [
        [-Infinity, 20],
        [3, 5],
      ],
    ],
    ['go on over a pause', [stretch(0, 1, 20), stretch(4, 6, 20)], [[-Infinity, 20]]],
    [
      'are the least where collectors overlap',
      [stretch(0, 9, 20), stretch(3, 6, 5)],
      [
        [-Infinity, 20],
        [3, 5],
        [6, 20],
      ],
    ],
  ])('%s', (_, stretches, expected) => {
    const intervals = expected.map(([from, minutes]) => ({
      from: from === -Infinity ? from : slot(from),
      minutes,
    }));
    expect(intervalsOf(stretches)).toEqual(intervals);
    expect(intervalsOf(stretches.toReversed())).toEqual(intervals);
  });
});
