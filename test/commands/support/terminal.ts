import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a program on a pseudo-terminal; see its first lines. */
export const TERMINAL_TOOL = fileURLToPath(new URL('terminal.py', import.meta.url));

/** Why tests on a terminal can't run on this machine; null when they can. With CI=true they must. */
export const whyNoTerminal = findPython() || process.env.CI === 'true' ? null : 'python3 is not there';

function findPython(): boolean {
  return spawnSync('python3', ['-c', 'import pty']).status === 0;
}
