import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { equalExcept } from '../../src/cleaning/equal.js';

const EXCEPT = new Set(['status', 'sensor']);

/** JSON with few distinct keys and leaves, so that two of them are often nearly equal. */
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1, '', 'x', []),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'status', 'sensor', 'length'), tie('json'), { maxKeys: 4 }),
  ),
}));

/** Simple model: remove the keys at every depth, and compare the rest. */
function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !EXCEPT.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, without(item)]));
}

/** Parse the value from text, as cleaning does, so that it has plain prototypes only. */
const parsed = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('says of two values what comparing them without the keys says', () => {
  const property = fc.property(json, json, (left, right) => {
    const [a, b] = [parsed(left), parsed(right)];
    expect(equalExcept(a, b, EXCEPT)).toBe(isDeepStrictEqual(without(a), without(b)));
  });
  fc.assert(property, { numRuns: 2000 });
});

it('is true of a copy, and of one with other values of the keys, and the same from both sides', () => {
  const property = fc.property(json, json, (value, other) => {
    const a = { kept: parsed(value), status: 1, deep: [{ status: parsed(other) }] };
    const b = { deep: [{ sensor: 7 }], kept: parsed(value) };
    expect(equalExcept(a, parsed(a), EXCEPT)).toBe(true);
    expect(equalExcept(a, b, EXCEPT)).toBe(true);
    expect(equalExcept(b, a, EXCEPT)).toBe(true);
    expect(equalExcept({ ...a, more: null }, b, EXCEPT)).toBe(false);
  });
  fc.assert(property);
});

it.each([
  [[], {}],
  [{}, null],
  [{ a: undefined }, {}],
  [{ length: 0 }, []],
  ['1', 1],
  [{ toString: 1 }, {}],
  [
    [1, 2],
    [2, 1],
  ],
])('%j and %j are not equal', (a, b) => {
  expect(equalExcept(a, b, EXCEPT)).toBe(false);
  expect(equalExcept(b, a, EXCEPT)).toBe(false);
});

it('calls nothing equal that is nested deeper than any station, instead of overflowing', () => {
  const deep = () => JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown;
  expect(equalExcept(deep(), deep(), EXCEPT)).toBe(false);
});
