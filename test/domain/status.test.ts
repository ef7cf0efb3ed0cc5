import { expect, it } from 'vitest';
import { normaliseStatus } from '../../src/domain/status.js';

it.each([
  ['AVAILABLE', 'AVAILABLE', []],
  [' OUTOFORDER\n', 'OUTOFORDER', []],
  ['available', 'available', ['unknown_status']],
  ['AVAIL\u0000ABLE', 'AVAILABLE', ['control_characters']],
  ['X'.repeat(64), 'X'.repeat(64), ['unknown_status']],
  ['X'.repeat(65), null, ['bad_status']],
  ['-', null, ['bad_status']],
  ['', null, ['bad_status']],
  [1, null, ['bad_status']],
  [null, null, ['missing_status']],
  [undefined, null, ['missing_status']],
])('reads %j as %j', (raw, expected, reasons) => {
  const { value, issues } = normaliseStatus(raw);
  expect(value).toBe(expected);
  expect(issues.map((issue) => issue.reason)).toEqual(reasons);
});
