import { describe, expect, it } from 'vitest';
import { cutText, MAX_TEXT_LENGTH, normaliseText } from '../../src/domain/text.js';

const reasons = (raw: unknown) => normaliseText(raw).issues.map((issue) => issue.reason);

describe('normaliseText', () => {
  it.each([
    ['Köln', 'Köln'],
    ['  a \t b\r\nc\u00a0 ', 'a b c'],
    ['a\u2028b\u0085c\ufeff', 'a b c'],
    ['e\u0301', 'e\u0301'],
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

describe('cutText', () => {
  it('leaves short texts and whole pairs', () => {
    expect(cutText('🔌🔌', 4)).toBe('🔌🔌');
    expect(cutText('🔌🔌', 3)).toBe('🔌');
    expect(cutText('🔌🔌', 2)).toBe('🔌');
  });
});
