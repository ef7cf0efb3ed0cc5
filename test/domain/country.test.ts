import { expect, it } from 'vitest';
import { normaliseCountry } from '../../src/domain/country.js';

it.each([
  ['DE', 'DE'],
  ['DEU', 'DE'],
  [' aut ', 'AT'],
  ['de', 'DE'],
  ['XX', 'XX'],
  ['ZZZ', 'ZZZ'],
  ['Deutschland', 'Deutschland'],
  ['276', '276'],
  ['', null],
  [null, null],
])('reads %j as %j', (raw, expected) => {
  expect(normaliseCountry(raw)).toEqual({ value: expected, issues: [] });
});
