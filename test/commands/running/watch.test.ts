import { expect, test } from 'vitest';
import { FindingReporter } from '../../../src/commands/running/watch.js';
import type { StatusFinding } from '../../../src/domain/statusFindings.js';

const HOUR_MS = 3_600_000;

const finding = (id: string, subject: string | null = null): StatusFinding => ({
  id,
  subject,
  severity: 'critical',
  text: `${id} is not well.`,
  advice: 'Look at it.',
});

function reports() {
  const lines: string[] = [];
  return { lines, reporter: new FindingReporter((line) => lines.push(line)) };
}

test('a finding is told once, again a day later while it lasts, and once when it is over', () => {
  const { lines, reporter } = reports();
  for (let hour = 0; hour <= 30; hour++) reporter.take([finding('slot_overdue')], hour * HOUR_MS);
  reporter.take([], 31 * HOUR_MS);
  reporter.take([], 32 * HOUR_MS);
  reporter.take([finding('slot_overdue')], 33 * HOUR_MS);
  expect(lines).toEqual([
    'CRITICAL: slot_overdue is not well. Look at it.',
    'CRITICAL: slot_overdue is not well. Look at it.',
    'OVER: slot_overdue is not well.',
    'CRITICAL: slot_overdue is not well. Look at it.',
  ]);
});

test('findings of one kind about two subjects are two', () => {
  const { lines, reporter } = reports();
  reporter.take([finding('space_short', '/a'), finding('space_short', '/b')], 0);
  reporter.take([finding('space_short', '/b')], HOUR_MS);
  expect(lines).toHaveLength(3);
  expect(lines.at(-1)).toMatch(/^OVER:/);
});

test('what the supervisor tells of at once is not told twice', () => {
  const { lines, reporter } = reports();
  reporter.take([finding('part_down', 'worker'), finding('part_restarted', 'api')], 0);
  expect(lines).toEqual([]);
});
