import { spawn } from 'node:child_process';

interface CommandResult {
  /** The command ran and exited with 0. */
  ok: boolean;
  /** Standard output and error together, trimmed; or why the command could not be run. */
  output: string;
}

interface CommandOptions {
  cwd: string;
  /** The whole environment of the command. */
  env: NodeJS.ProcessEnv;
  /** User and group to run as; only root may name them. */
  user?: { uid: number; gid: number };
}

/** Runs a command to its end, without a shell. Rejects only when it is aborted, once the command is gone. */
export type RunCommand = (command: string, args: string[], options: CommandOptions) => Promise<CommandResult>;

/** Runs commands as children of this process; an abort kills them together with their own children. */
export function commandRunner(signal?: AbortSignal): RunCommand {
  return (command, args, { cwd, env, user }) => {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      let output = '';
      const child = spawn(command, args, {
        cwd,
        env,
        ...user,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const kill = () => killGroup(child.pid);
      signal?.addEventListener('abort', kill);
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      }
      const finish = (result: CommandResult) => {
        signal?.removeEventListener('abort', kill);
        if (signal?.aborted) reject(signal.reason as Error);
        else resolve(result);
      };
      child.on('error', (error) => finish({ ok: false, output: error.message }));
      child.on('close', (code) => finish({ ok: code === 0, output: output.trim() }));
    });
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
