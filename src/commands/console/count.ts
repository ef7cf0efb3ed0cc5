import { CommandFailed } from '../context/context.js';

/** Reads an option that counts something. Throws CommandFailed for anything but a whole number from 1 to the most allowed. */
export function readCount(option: string, text: string, most: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= most) return count;
  throw new CommandFailed(`${option} is "${text}", but it must be a whole number from 1 to ${most}.`);
}
