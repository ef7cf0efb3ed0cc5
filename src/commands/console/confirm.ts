import { createInterface } from 'node:readline/promises';

/**
 * Ask a question on the terminal. Only `y` and `yes` count as consent.
 *
 * @returns null when standard input or standard error is not a terminal
 */
export async function confirm(question: string, signal: AbortSignal): Promise<'yes' | 'no' | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  // `terminal: true` would switch to raw mode, in which Ctrl-C sends no signal.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const ended = new Promise<string>((settle) => lines.once('close', () => settle('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    return /^\s*y(es)?\s*$/i.test(answer) ? 'yes' : 'no';
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    lines.close();
  }
}
