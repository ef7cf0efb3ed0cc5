import { expect, it } from 'vitest';
import { oneLine } from '../../src/domain/oneLine.js';

it('is one line that has an end', () => {
  expect(oneLine(' a\r\n  b\tc \n')).toBe('a b c');
  expect(oneLine('a'.repeat(1_001))).toBe(`${'a'.repeat(999)}…`);
});
