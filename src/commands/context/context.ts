import { type Config, readConfig } from '../../settings/config.js';
import { catchShutdownSignals, type ShutdownOptions } from '../../local/shutdownSignals.js';

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
