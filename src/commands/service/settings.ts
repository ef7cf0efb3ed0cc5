import { resolve } from 'node:path';
import { isOtherVariable } from '../../settings/others.js';
import { FILE_SUFFIX, isSecretVariable } from '../../sources/auth/secretName.js';
import { ALL_SETTINGS } from '../../settings/settings.js';

/** Settings that are in the unit itself, because the unit must allow writes to these folders. */
const OF_THE_UNIT = new Set(['LADEPULS_HOME', 'LADEPULS_CACHE']);

/**
 * Format the file from which a unit reads its settings.
 * The file has the settings of the given environment, because a service does not inherit the shell's. Relative paths
 * are made absolute.
 *
 * @example settingsFile({ LADEPULS_INTERVAL: '5m' }) // '# …\nLADEPULS_INTERVAL="5m"\n'
 */
export function settingsFile(env: NodeJS.ProcessEnv): string {
  const names = new Set(ALL_SETTINGS.map(({ name }) => name));
  const isSetting = (name: string) => names.has(name) || isOtherVariable(name) || isSecretVariable(name);
  const lines = Object.entries(env)
    .filter(
      ([name, value]) => isSetting(name) && !OF_THE_UNIT.has(name) && value !== undefined && value !== '',
    )
    .map(([name, value = '']) => `${name}=${quoted(absolute(name, value))}`)
    .sort();
  return [
    '# Settings of Ladepuls, NAME="value" a line; "ladepuls --help" has them all. They hold from the next start on.',
    "# Secrets of feeds belong in here too, as LADEPULS_SECRET_<NAME>. Only the service's group may read this file.",
    ...lines,
    '',
  ].join('\n');
}

/** Quote a value as systemd.exec(5) reads it. A line break may occur inside the quotes. */
function quoted(value: string): string {
  return `"${value.replaceAll(/[\\"$`]/g, String.raw`\$&`)}"`;
}

/** Make a path absolute, because a service has another working directory. */
function absolute(name: string, value: string): string {
  if (/^(RAW|FLAT)_STORE$/.test(name) && value.startsWith('file:'))
    return `file:${resolve(value.slice('file:'.length))}`;
  const isFeedFile = name === 'LADEPULS_FEEDS' && /^\S*([\\/]\S*|\.txt)$/.test(value);
  const isFile = isFeedFile || (isSecretVariable(name) && name.endsWith(FILE_SUFFIX));
  return isFile ? resolve(value) : value;
}
