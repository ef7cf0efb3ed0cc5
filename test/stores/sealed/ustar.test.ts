import { expect, it } from 'vitest';
import { decodeHeader, encodeHeader, endOfArchive } from '../../../src/stores/sealed/ustar.js';

it.each([
  ['index.json', 0],
  ['x'.repeat(100), 1],
  [`${'p'.repeat(155)}/${'x'.repeat(100)}`, 8 ** 11 - 1],
  [`${'p/'.repeat(60)}${'x'.repeat(90)}`, 12_345_678],
])('a header says what it was told: %s, %i bytes', (name, size) => {
  expect(decodeHeader(encodeHeader({ name, size }))).toEqual({ name, size });
});

it.each([
  ['x'.repeat(101), 1],
  [`${'p'.repeat(156)}/x`.padEnd(200, 'x'), 1],
  ['large', 8 ** 11],
])('what has no room in a header is refused: %s, %i bytes', (name, size) => {
  expect(() => encodeHeader({ name, size })).toThrow(RangeError);
});

it('a header with any byte changed is no header', () => {
  const header = encodeHeader({ name: 'polls/koeln/x.json', size: 17 });
  for (let at = 0; at < header.length; at++) {
    const changed = Buffer.from(header);
    changed[at] = (changed[at] ?? 0) ^ 0x04;
    const isChecksum = at >= 148 && at < 156;
    if (!isChecksum) expect(() => decodeHeader(changed), `byte ${at}`).toThrow(RangeError);
  }
  expect(decodeHeader(endOfArchive().subarray(0, 512))).toBeNull();
});
