import type { ShutdownOptions } from '../../local/shutdownSignals.js';
import { outputIsConsole } from '../console/output.js';
import { type Context, createContext } from '../context/context.js';

interface RunOptions extends ShutdownOptions {
  /** A service's output is its console, not its result. Default: false. */
  isService?: boolean;
}

/** Makes an action of work that needs the settings, and that Ctrl-C ends. The action throws InvalidSetting. */
export function inContext<A extends unknown[]>(
  work: (context: Context, ...args: A) => Promise<void>,
  { isService = false, ...options }: RunOptions = {},
): (...args: A) => Promise<void> {
  return (...args) => {
    if (isService) outputIsConsole();
    return work(createContext(process.env, options), ...args);
  };
}
