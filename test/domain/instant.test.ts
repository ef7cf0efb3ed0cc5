import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatInstant, parseInstant } from '../../src/domain/instant.js';

const instants = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });

it('reads every instant that it wrote, to the millisecond', () => {
  const property = fc.property(instants, (instantMs) => {
    expect(parseInstant(formatInstant(instantMs))).toBe(instantMs);
  });
  fc.assert(property);
  expect(formatInstant(Date.UTC(2022, 0, 11, 20, 58, 24, 7))).toBe('20220111T205824007Z');
});

it('writes instants so that text sorts by time', () => {
  const property = fc.property(instants, instants, (a, b) => {
    expect(formatInstant(a) < formatInstant(b)).toBe(a < b);
    expect(formatInstant(a)).toHaveLength(formatInstant(b).length);
  });
  fc.assert(property);
});

it.each(['', '20220111T2058Z', '20220111T205824Z', '20220230T205824000Z', '20220111T205860000Z', 'x'])(
  'reads %j as no instant',
  (text) => {
    expect(parseInstant(text)).toBeNaN();
  },
);
