import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitText, TEXT_BYTES, type TextColumn } from '../../src/domain/textBytes.js';

const ARRAYS: TextColumn[] = ['opening_hours', 'capabilities'];
const column = fc.constantFrom(
  ...(Object.keys(TEXT_BYTES) as TextColumn[]).filter((name) => !ARRAYS.includes(name)),
);
/** Texts of up to about the largest column, with characters of one to four bytes. */
const text = fc.string({
  unit: fc.constantFrom('a', 'ä', '€', '🔌', ' ', 'e\u0301'),
  maxLength: 9000,
  size: 'max',
});

describe('fitText', () => {
  it.each([
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), 'x'.repeat(128)],
    ['x'.repeat(127) + 'ä', 'x'.repeat(127)],
    ['x'.repeat(126) + 'ä', 'x'.repeat(126) + 'ä'],
    ['x'.repeat(125) + '🔌', 'x'.repeat(125)],
    ['x'.repeat(126) + ' yz', 'x'.repeat(126) + ' y'],
    ['x'.repeat(127) + ' y', 'x'.repeat(127)],
  ])('cuts a text of 128 bytes at a character: case %#', (raw, expected) => {
    expect(fitText('postal_code', raw)).toBe(expected);
  });

  it('takes whole characters only, as many as fit, of any text', () => {
    fc.assert(
      fc.property(column, text, (name, raw) => {
        const fitted = fitText(name, raw);
        const rest = raw.slice(fitted.length);
        expect(raw.startsWith(fitted)).toBe(true);
        expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(TEXT_BYTES[name]);
        expect(Buffer.from(fitted).toString()).toBe(fitted); // an unpaired surrogate would change
        if (rest === '') return;
        const [next = ''] = rest.trimStart();
        const blanks = rest.length - rest.trimStart().length;
        expect(Buffer.byteLength(fitted) + blanks + Buffer.byteLength(next)).toBeGreaterThan(
          TEXT_BYTES[name],
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each(ARRAYS)('leaves out the last elements of %s, so that it stays JSON', (name) => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { maxLength: 400 }),
        (elements) => {
          const fitted = fitText(name, JSON.stringify(elements));
          const kept = JSON.parse(fitted) as unknown[];
          expect(kept).toEqual(elements.slice(0, kept.length));
          expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(TEXT_BYTES[name]);
          if (kept.length === elements.length) return;
          const longer = JSON.stringify(elements.slice(0, kept.length + 1));
          expect(Buffer.byteLength(longer)).toBeGreaterThan(TEXT_BYTES[name]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
