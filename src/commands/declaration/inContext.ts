import type { ShutdownOptions } from '../../local/shutdownSignals.js';
import { outputIsConsole } from '../console/output.js';
import { type Context, createContext } from '../context/context.js';

interface RunOptions extends ShutdownOptions {
  /** Whether the output is the console of a service, not a result. Default: false. */
  isService?: boolean;
}

/**
 * Make an action from work that needs the settings and that Ctrl-C interrupts.
 * The action throws InvalidSetting when a setting is wrong.
 */
export function inContext<A extends unknown[]>(
  work: (context: Context, ...args: A) => Promise<void>,
  { isService = false, ...options }: RunOptions = {},
): (...args: A) => Promise<void> {
  return (...args) => {
    if (isService) outputIsConsole();
    return work(createContext(process.env, options), ...args);
  };
}
