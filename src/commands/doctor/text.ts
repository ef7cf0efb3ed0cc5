import { styleText } from 'node:util';
import type { CheckState, Finding } from './finding.js';

/** A finding with the name of its check. */
export interface Examined extends Finding {
  check: string;
}

const COLOURS: Record<CheckState, 'green' | 'yellow' | 'red'> = {
  ok: 'green',
  warning: 'yellow',
  problem: 'red',
  unknown: 'yellow',
};
const STATE_WIDTH = 'warning'.length;

/** Format findings for people: a line each, and a second one with the advice. The last line counts the findings. */
export function describeExamined(examined: readonly Examined[]): string {
  const width = Math.max(...examined.map(({ check }) => check.length));
  const indent = ' '.repeat(STATE_WIDTH + width + 4);
  const lines = examined.flatMap(({ check, state, message, advice }) => [
    `${coloured(state)}  ${check.padEnd(width)}  ${message}`,
    ...(advice === null ? [] : [`${indent}${advice}`]),
  ]);
  return `${[...lines, '', summary(examined)].join('\n')}\n`;
}

function coloured(state: CheckState): string {
  const text = state.padEnd(STATE_WIDTH);
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(COLOURS[state], text) : text;
}

/**
 * Format how many findings have which state.
 *
 * @example '1 problem, 2 warnings'
 */
function summary(examined: readonly Examined[]): string {
  const count = (state: CheckState, one: string, many: string) => {
    const number = examined.filter((finding) => finding.state === state).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  };
  const counts = [
    ...count('problem', 'problem', 'problems'),
    ...count('warning', 'warning', 'warnings'),
    ...count('unknown', 'unknown', 'unknown'),
  ];
  return counts.length === 0 ? 'All is well.' : counts.join(', ');
}
