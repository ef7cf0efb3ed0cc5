import { expect, it } from 'vitest';
import { describeBytes } from '../../src/domain/byteSize.js';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [999_499, '999 kB'],
  [999_600, '1 MB'],
  [1_234_567, '1.23 MB'],
  [52_200_000, '52.2 MB'],
  [7_000_000_000_000_000, '7000 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(describeBytes(bytes)).toBe(text);
});
