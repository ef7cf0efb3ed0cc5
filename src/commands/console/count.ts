import { CommandFailed } from '../context/context.js';

/**
 * Parse an option whose value is a count.
 *
 * @throws CommandFailed when the text is not a whole number from 1 to `most`
 */
export function readCount(option: string, text: string, most: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= most) return count;
  throw new CommandFailed(`${option} is "${text}", but it must be a whole number from 1 to ${most}.`);
}
