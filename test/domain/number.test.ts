import { describe, expect, it } from 'vitest';
import {
  normaliseBoolean,
  normaliseInteger,
  normaliseLatitude,
  normaliseLongitude,
  normaliseWattsAsKilowatts,
} from '../../src/domain/number.js';

const outcome = ({ value, issues }: { value: unknown; issues: readonly { reason: string }[] }) =>
  issues[0]?.reason ?? value;

describe('normaliseInteger', () => {
  it.each([
    ['32', 32],
    [' 32 ', 32],
    ['32.0', 32],
    ['3.68', 4],
    [3.4, 3],
    ['1e2', 100],
    ['0', 0],
    [-0, 0],
    [2147483647, 2147483647],
    ['', null],
    ['-', null],
    [null, null],
    [undefined, null],
    ['abc', 'not_a_number'],
    ['32 A', 'not_a_number'],
    ['1,000', 'not_a_number'],
    ['0x20', 'not_a_number'],
    [true, 'not_a_number'],
    [[32], 'not_a_number'],
    ['-1', 'out_of_range'],
    [-0.1, 'out_of_range'],
    [2147483648, 'out_of_range'],
    ['1e999', 'out_of_range'],
  ])('reads %j as %j', (raw, expected) => {
    expect(outcome(normaliseInteger(raw))).toBe(expected);
  });
});

describe('normaliseWattsAsKilowatts', () => {
  it.each([
    [22000, 22],
    ['3680', 4],
    [1000, 1],
    [3_750_000, 3750],
    [0, 0],
    ['0.0', 0],
    [22, 'below_1_kw'],
    ['22', 'below_1_kw'],
    [3.7, 'below_1_kw'],
    [999.9, 'below_1_kw'],
    [null, null],
    [-1, 'out_of_range'],
    ['much', 'not_a_number'],
  ])('reads %j W as %j kW', (raw, expected) => {
    expect(outcome(normaliseWattsAsKilowatts(raw))).toBe(expected);
  });
});

describe('coordinates', () => {
  it.each([
    ['50.941278', 50.941278],
    [-90, -90],
    ['+8.5', 8.5],
    [null, null],
    ['', null],
    [90.0001, 'out_of_range'],
    [JSON.parse('1e999'), 'out_of_range'],
    ['50,9', 'not_a_number'],
    [{}, 'not_a_number'],
  ])('reads the latitude %j as %j', (raw, expected) => {
    expect(outcome(normaliseLatitude(raw))).toBe(expected);
  });

  it('lets longitudes go to 180 degrees', () => {
    expect(outcome(normaliseLongitude('-180'))).toBe(-180);
    expect(outcome(normaliseLongitude('180.1'))).toBe('out_of_range');
  });
});

describe('normaliseBoolean', () => {
  it.each([
    [true, true],
    [false, false],
    [null, null],
    [undefined, null],
    ['true', 'not_a_boolean'],
    [1, 'not_a_boolean'],
    ['', 'not_a_boolean'],
  ])('reads %j as %j', (raw, expected) => {
    expect(outcome(normaliseBoolean(raw))).toBe(expected);
  });
});
