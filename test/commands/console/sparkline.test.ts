import { expect, it } from 'vitest';
import { bar, sparkline } from '../../../src/commands/console/sparkline.js';

it('a sparkline goes from the lowest value to the highest, with a blank for what is not known', () => {
  expect(sparkline([0, 0.5, 1, null, 0.25])).toBe('▁▅█ ▃');
  expect(sparkline([0.3, 0.3])).toBe('▁▁');
  expect(sparkline([null, null])).toBe('  ');
  expect(sparkline([])).toBe('');
});

it('a bar is as long as its value, and nothing where there is none', () => {
  expect(bar(0.5, 1, 10)).toBe('█████');
  expect(bar(1, 1, 3)).toBe('███');
  expect(bar(null, 1, 3)).toBe('');
  expect(bar(0, 0, 3)).toBe('');
});
