import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { foreignId, hashedStationNumber, plainKey, stationNumber } from '../../src/domain/identity.js';

it('keeps the numbers of stations, however they are written', () => {
  expect(stationNumber('326')).toEqual({ key: 326, trouble: null });
  expect(stationNumber(326).key).toBe(326);
  expect(stationNumber(' 326 ').key).toBe(326);
  expect(stationNumber('0').key).toBe(0);
  for (const bad of ['007', '1.5', 1.5, '2147483648', -1, '+1', '1e3', '', NaN, true]) {
    expect(stationNumber(bad)).toEqual({ key: null, trouble: 'bad' });
  }
  expect(stationNumber(undefined)).toEqual({ key: null, trouble: 'missing' });
});

it('keeps ids of letters, digits and a few signs', () => {
  for (const id of ['303', 'DE*REK*E00025*001', 'a.b_c-d', 'x'.repeat(64)]) expect(plainKey(id).key).toBe(id);
  expect(plainKey(303).key).toBe('303');
  for (const bad of ['ocpi:1', 'a b', 'a@b', 'ä', 'x'.repeat(65), '', 2 ** 53, {}])
    expect(plainKey(bad).trouble).toBe('bad');
});

it('keeps foreign ids of printable ASCII without blanks and @', () => {
  const limit = { maxLength: 5 };
  for (const id of ['a:b/c', '!?A~', '12345']) expect(foreignId(id, limit).key).toBe(id);
  for (const bad of ['123456', 'a b', 'a@b', 'ä', '\u007f', ''])
    expect(foreignId(bad, limit).trouble).toBe('bad');
  expect(foreignId('a~b', { ...limit, without: '~' }).trouble).toBe('bad');
});

it('numbers other stations by the first 53 bits of a hash, negative', () => {
  const hex = createHash('sha256').update('ocpi|DE*EBW*E800282').digest('hex').slice(0, 14);
  expect(hashedStationNumber('ocpi', 'DE*EBW*E800282')).toBe(Number(-(BigInt(`0x${hex}`) >> 3n)));
  const numbers = Array.from({ length: 1000 }, (_, i) => hashedStationNumber('ocpi', String(i)));
  for (const number of numbers) {
    expect(Number.isSafeInteger(number)).toBe(true);
    expect(number).toBeLessThan(0);
  }
  expect(Math.min(...numbers)).toBeLessThan(-(2 ** 52));
});
