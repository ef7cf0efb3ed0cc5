import { type Config, readConfig } from '../../settings/config.js';
import { catchShutdownSignals, type ShutdownOptions } from '../../local/shutdownSignals.js';
import { type Installation, type Needs, openInstallation } from '../../app/installation.js';

/** What every command gets: the settings, and when to stop. */
export interface Context {
  env: NodeJS.ProcessEnv;
  config: Config;
  /** Aborts at Ctrl-C; `hurry` at the second one. */
  signal: AbortSignal;
  hurry: AbortSignal;
  /** Tells people what takes time: on standard error, which leaves the output to scripts. */
  progress: (line: string) => void;
}

/** A failure that the user can mend: one clear line, exit code 1. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
}

/** Reads the settings and catches signals. Throws InvalidSetting. */
export function createContext(env: NodeJS.ProcessEnv, options?: ShutdownOptions): Context {
  const config = readConfig(env);
  const { stop, hurry } = catchShutdownSignals(options);
  return { env, config, signal: stop, hurry, progress: (line) => process.stderr.write(`${line}\n`) };
}

/** Does a short command's work on a running installation, or on one that is started for it and stopped again. */
export async function withInstallation<T>(
  context: Context,
  needs: Needs,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const { config, env, signal, hurry, progress } = context;
  const installation = await openInstallation({
    config,
    env,
    needs,
    mode: 'command',
    signal,
    hurry,
    onProgress: progress,
  });
  try {
    return await abortable(work(installation), signal);
  } finally {
    await installation.close();
  }
}

/** The same promise, but rejected as soon as the signal aborts. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
