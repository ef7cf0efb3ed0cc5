import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findEnvelopes } from '../../src/importing/envelopes.js';

const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 });

/** Generator of JSON strings whose characters are plain, escaped, or escaped in the short form. */
const jsonText = fc
  .tuple(
    fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '{', '}', '[', ']', '\n', ',', ':')),
    ),
    fc.infiniteStream(fc.boolean()),
  )
  .map(([parts, escapes]) => {
    const units = parts.join('').split('');
    const escaped = units.map((unit) => {
      if (escapes.next().value === true) return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
      return JSON.stringify(unit).slice(1, -1);
    });
    return `"${escaped.join('')}"`;
  });

/** Generator of JSON that no serializer writes: unusual blanks, and repeated keys. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(jsonText, fc.constantFrom('null', 'true', '-0', '1.5e+3', '{}', '[ ]', '"}"')),
    fc.array(fc.tuple(jsonText, blanks, tie('value'), blanks), { maxLength: 4 }).map((members) => {
      const texts = members.map(
        ([key, before, held, after]) => `${before}${key}${after}:${before}${held}${after}`,
      );
      return `{${texts.join(',')}}`;
    }),
    fc
      .array(fc.tuple(blanks, tie('value'), blanks), { maxLength: 4 })
      .map((items) => `[${items.map((item) => item.join('')).join(',')}]`),
  ),
}));

const pollFile = fc.tuple(
  blanks,
  fc.array(fc.tuple(blanks, jsonText, blanks, value, blanks), { maxLength: 5 }),
);

it('are, byte for byte, the texts that the file was put together from', () => {
  fc.assert(
    fc.property(pollFile, ([around, members]) => {
      const texts = members.map(([a, feed, b, envelope, c]) => `${a}${feed}${b}:${c}${envelope}${a}`);
      const bytes = Buffer.from(`${around}{${texts.join(',')}${around}}${around}`);
      JSON.parse(bytes.toString());

      const { ranges, problem } = findEnvelopes(bytes);

      expect(problem).toBeNull();
      expect(ranges.map(({ feed }) => feed)).toEqual(
        members.map(([, feed]) => JSON.parse(bytesOf(feed)) as string),
      );
      expect(ranges.map(({ start, end }) => bytes.toString('utf8', start, end))).toEqual(
        members.map(([, , , envelope]) => bytesOf(envelope)),
      );
    }),
    { numRuns: 500 },
  );
});

it('are whole or absent when the file is cut short at any byte', () => {
  fc.assert(
    fc.property(pollFile, fc.nat(), ([, members], at) => {
      const texts = members.map(([a, feed, b, envelope]) => `${a}${feed}${b}:${envelope}`);
      const bytes = Buffer.from(`{${texts.join(',')}}`);
      const cut = bytes.subarray(0, at % bytes.length);

      const { ranges, problem } = findEnvelopes(cut);

      expect(problem).toBe(cut.length === 0 ? 'is empty' : `is cut short after byte ${cut.length}`);
      expect(findEnvelopes(bytes).ranges.slice(0, ranges.length)).toEqual(ranges);
    }),
    { numRuns: 500 },
  );
});

/** Replace halves of surrogate pairs, which UTF-8 can't encode. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString();
}
