import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/**
 * Becomes the command, and leaves a child that ends it when standard input closes: that happens however the
 * process that holds the other end is ended, SIGKILL included.
 */
const TIED_TO_STDIN =
  'exec 3<&0; (cat <&3 >/dev/null; kill -KILL $$ 2>/dev/null) & exec 3<&-; exec "$@" </dev/null';

/** Starts a server for the tests that can't outlive this process. Its id and exit are the server's own. */
export function spawnTied(
  command: string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn('sh', ['-c', TIED_TO_STDIN, 'sh', ...command], {
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
