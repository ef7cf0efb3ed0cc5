import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, MAX_TEXT_LENGTH, normaliseText } from '../../src/domain/text.js';

const reasons = (raw: unknown) => normaliseText(raw).issues.map((issue) => issue.reason);

describe('normaliseText', () => {
  it.each([
    ['Köln', 'Köln'],
    ['  a \t b\r\nc\u00a0 ', 'a b c'],
    ['a\u2028b\u0085c\ufeff', 'a b c'],
    ['e\u0301', 'é'],
    ['Ko\u0308ln', 'Köln'],
    ['\u212b', 'Å'],
    ['\u1100\u1161\u11a8', '각'],
    ['a\u0315\u0327', 'a\u0327\u0315'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['--', '--'],
    ['-', null],
    [' - ', null],
    ['', null],
    [' \r\n', null],
    [null, null],
    [undefined, null],
  ])('makes %j into %j, and finds nothing wrong with it', (raw, expected) => {
    expect(normaliseText(raw)).toEqual({ value: expected, issues: [] });
  });

  it.each([
    [53177, '53177', ['not_text']],
    [true, null, ['not_text']],
    [['a'], null, ['not_text']],
    [{ a: 1 }, null, ['not_text']],
    ['a\u0000b\u007f\u009f', 'ab', ['control_characters']],
    ['\u0000', null, ['control_characters']],
    ['a\ud83dz', 'a\ufffdz', ['lone_surrogate']],
    ['\udd0c\u0001', '\ufffd', ['lone_surrogate', 'control_characters']],
    ['e\u0001\u0301', 'é', ['control_characters']],
    [`x${'\u0327'.repeat(31)}y`, `x${'\u0327'.repeat(30)}y`, ['too_many_marks']],
  ])('makes %j into %j, and says so', (raw, expected, found) => {
    expect(normaliseText(raw).value).toBe(expected);
    expect(reasons(raw)).toEqual(found);
  });

  it('cuts what is too long, but never in the middle of a character', () => {
    const long = 'x'.repeat(MAX_TEXT_LENGTH - 1) + '🔌';
    expect(normaliseText(long).value).toBe('x'.repeat(MAX_TEXT_LENGTH - 1));
    expect(reasons(long)).toEqual(['too_long']);
    expect(reasons('x'.repeat(MAX_TEXT_LENGTH))).toEqual([]);
    expect(reasons(' '.repeat(2 * MAX_TEXT_LENGTH) + 'x')).toEqual([]);
  });
});

it('every text is in NFC, and normalising it again changes nothing', () => {
  const unit = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constantFrom(
      'a',
      'o\u0308',
      '\u0315',
      '\u0327',
      ' ',
      '\u0000',
      '-',
      '\u1100',
      '\u1161',
      '\u0958',
      'x'.repeat(3_999),
    ),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 25 }), (units) => {
      const { value } = normaliseText(units.join(''));
      if (value === null) return;
      expect(value).toBe(value.normalize('NFC'));
      expect(value.length).toBeLessThanOrEqual(MAX_TEXT_LENGTH);
      expect(normaliseText(value)).toEqual({ value, issues: [] });
    }),
    { numRuns: process.env.LADEPULS_TEST_LONG ? 100_000 : 2_000 },
  );
});

it('millions of combining marks cost no more time than as many letters', () => {
  const marks = '\u0315'.repeat(2_000_000) + '\u0327'.repeat(2_000_000);
  expect(normaliseText(`a${marks}b`)).toMatchObject({ issues: [{ reason: 'too_many_marks' }] });
});

describe('cutText', () => {
  it('leaves short texts and whole pairs', () => {
    expect(cutText('🔌🔌', 4)).toBe('🔌🔌');
    expect(cutText('🔌🔌', 3)).toBe('🔌');
    expect(cutText('🔌🔌', 2)).toBe('🔌');
  });
});
