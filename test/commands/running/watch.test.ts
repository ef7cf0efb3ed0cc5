import { expect, test } from 'vitest';
import { FindingTeller } from '../../../src/commands/running/watch.js';
import type { StatusFinding } from '../../../src/domain/statusFindings.js';

const HOUR_MS = 3_600_000;

const finding = (id: string, subject: string | null = null): StatusFinding => ({
  id,
  subject,
  severity: 'critical',
  text: `${id} is not well.`,
  advice: 'Look at it.',
});

function tellings() {
  const lines: string[] = [];
  return { lines, teller: new FindingTeller((line) => lines.push(line)) };
}

test('a finding is told once, again a day later while it lasts, and once when it is over', () => {
  const { lines, teller } = tellings();
  for (let hour = 0; hour <= 30; hour++) teller.take([finding('slot_overdue')], hour * HOUR_MS);
  teller.take([], 31 * HOUR_MS);
  teller.take([], 32 * HOUR_MS);
  teller.take([finding('slot_overdue')], 33 * HOUR_MS);
  expect(lines).toEqual([
    'CRITICAL: slot_overdue is not well. Look at it.',
    'CRITICAL: slot_overdue is not well. Look at it.',
    'OVER: slot_overdue is not well.',
    'CRITICAL: slot_overdue is not well. Look at it.',
  ]);
});

test('findings of one kind about two subjects are two', () => {
  const { lines, teller } = tellings();
  teller.take([finding('space_short', '/a'), finding('space_short', '/b')], 0);
  teller.take([finding('space_short', '/b')], HOUR_MS);
  expect(lines).toHaveLength(3);
  expect(lines.at(-1)).toMatch(/^OVER:/);
});

test('what the supervisor tells of at once is not told twice', () => {
  const { lines, teller } = tellings();
  teller.take([finding('part_down', 'worker'), finding('part_restarted', 'api')], 0);
  expect(lines).toEqual([]);
});
