import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isNoSpace, WrongSetting } from './wrongSetting.js';

/**
 * Return the cache folder for fetched programs, outside the checkout. It is created if absent. The folder is `override`
 * (setting LADEPULS_CACHE), else `$XDG_CACHE_HOME/ladepuls`, else `~/.cache/ladepuls`.
 *
 * @throws WrongSetting when the folder can't be written to
 * @throws Error when the disk is full
 */
export function cacheFolder(override: string | undefined, env: NodeJS.ProcessEnv): string {
  const directory = cachePath(override, env);
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (isNoSpace(error))
      throw new Error(`The cache folder ${directory} can't be made: its disk is full.`, { cause: error });
    throw new WrongSetting(
      `The cache folder ${directory} can't be written to (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}). ` +
        'Set LADEPULS_CACHE to a folder that this user may write to.',
      { cause: error },
    );
  }
  return directory;
}

/**
 * Return the path of the cache folder, without access to the file system.
 *
 * @throws WrongSetting when no variable names a folder
 */
export function cachePath(override: string | undefined, env: NodeJS.ProcessEnv): string {
  return resolve(override ?? defaultCache(env));
}

function defaultCache(env: NodeJS.ProcessEnv): string {
  // The XDG specification says that relative paths must be ignored.
  if (env.XDG_CACHE_HOME?.startsWith('/')) return join(env.XDG_CACHE_HOME, 'ladepuls');
  if (env.HOME) return join(env.HOME, '.cache', 'ladepuls');
  throw new WrongSetting(
    'No cache folder is known, because LADEPULS_CACHE, XDG_CACHE_HOME and HOME are all unset. ' +
      'Set LADEPULS_CACHE to a folder that this user may write to.',
  );
}
