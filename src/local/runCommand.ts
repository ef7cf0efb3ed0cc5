import { spawn } from 'node:child_process';

interface CommandResult {
  /** Whether the command ran and exited with 0. */
  ok: boolean;
  /** Standard output and standard error together, trimmed. If the command could not be run: the reason. */
  output: string;
}

interface CommandOptions {
  cwd: string;
  /** The complete environment of the command. */
  env: NodeJS.ProcessEnv;
  /** User and group to run as. Only root may set them. */
  user?: { uid: number; gid: number };
}

/**
 * Runs a command without a shell, until the command ends. Rejects only when it is aborted, after the command has ended.
 */
export type RunCommand = (command: string, args: string[], options: CommandOptions) => Promise<CommandResult>;

/**
 * Create a runner whose commands are children of this process. An abort kills them together with their own children.
 */
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
