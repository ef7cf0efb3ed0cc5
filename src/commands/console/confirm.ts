import { createInterface } from 'node:readline/promises';

/**
 * Asks a question on the terminal. Only `y` and `yes` agree.
 *
 * @returns null where there is no terminal to ask on
 */
export async function confirm(question: string, signal: AbortSignal): Promise<'yes' | 'no' | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  // Not as a terminal of readline's own: in raw mode, Ctrl-C would be no signal.
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
