import type { Client } from '@temporalio/client';
import { readOwner } from '../../local/homeLock.js';
import { namesTemporal, openClient } from '../../temporal/client.js';
import { CommandFailed, type Context } from './context.js';

/**
 * Return the environment for a client of this installation's Temporal.
 * This is the server that the settings name, or the one that the owner of the home directory runs. Null when there is
 * neither. Starts nothing.
 */
export function temporalEnv({ config, env }: Pick<Context, 'config' | 'env'>): NodeJS.ProcessEnv | null {
  if (namesTemporal(env)) return env;
  const address = readOwner(config.general.home)?.addresses?.temporalAddress;
  return address === undefined ? null : { ...env, TEMPORAL_ADDRESS: address };
}

/**
 * Run a command's work with a client of this installation's Temporal.
 *
 * @throws CommandFailed when no Temporal runs
 */
export async function withTemporal<T>(context: Context, work: (client: Client) => Promise<T>): Promise<T> {
  const env = temporalEnv(context);
  if (env === null) {
    throw new CommandFailed(
      `Temporal does not run. Start it with "ladepuls start" (LADEPULS_HOME is ${context.config.general.home}), or set TEMPORAL_ADDRESS.`,
    );
  }
  const client = await openClient(env);
  try {
    return await work(client);
  } finally {
    await client.connection.close();
  }
}
