import { type Config, readConfig } from '../../settings/config.js';
import { catchShutdownSignals, type ShutdownOptions } from '../../local/shutdownSignals.js';

/** Environment, settings and signals that every command gets. */
export interface Context {
  env: NodeJS.ProcessEnv;
  config: Config;
  /** Aborts at the first Ctrl-C; `hurry` aborts at the second one. */
  signal: AbortSignal;
  hurry: AbortSignal;
  /** Writes a line about slow work to standard error, so that standard output holds results only. */
  progress: (line: string) => void;
}

/** A failure that the user can fix. It is printed as one line, and the exit status is 1. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
}

/**
 * Read the settings and install the signal handlers.
 *
 * @throws InvalidSetting when a setting is wrong
 */
export function createContext(env: NodeJS.ProcessEnv, options?: ShutdownOptions): Context {
  const config = readConfig(env);
  const { stop, hurry } = catchShutdownSignals(options);
  return { env, config, signal: stop, hurry, progress: (line) => process.stderr.write(`${line}\n`) };
}
