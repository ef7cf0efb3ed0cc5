import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Guard } from './guardClient.js';
import { readLogFrom } from './logFile.js';
import type { RunCommand } from './runCommand.js';

const KILL_GRACE_MS = 2_000;
let commands = 0;

/**
 * Create a runner whose commands are children of the guard, so that they end when this process ends, however it ends.
 */
export function guardedRunner(
  currentGuard: () => Promise<Guard>,
  home: string,
  signal: AbortSignal,
): RunCommand {
  return async (command, args, { cwd, env, user }) => {
    signal.throwIfAborted();
    const guard = await currentGuard();
    const name = `command-${++commands}`;
    const logFile = join(home, 'run', `${name}.out`);
    rmSync(logFile, { force: true });
    const stop = () => guard.stop(name);
    try {
      const child = await guard.spawn({
        name,
        command,
        args,
        cwd,
        env: definedOnly(env),
        ...(user ? { user } : {}),
        logFile,
        stopSteps: [{ signal: 'SIGTERM', graceMs: KILL_GRACE_MS }],
        stopOrder: 0,
      });
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      const { code } = await child.exited;
      signal.throwIfAborted();
      return { ok: code === 0, output: readLogFrom(logFile, 0).trim() };
    } catch (error) {
      signal.throwIfAborted();
      return { ok: false, output: error instanceof Error ? error.message : String(error) };
    } finally {
      signal.removeEventListener('abort', stop);
      rmSync(logFile, { force: true });
    }
  };
}

/** Return an environment without its undefined variables. */
export function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
