import { FILE_SUFFIX, isSecretVariable, SECRET_PREFIX, secretNameOf } from '../sources/auth/secretName.js';
import { InvalidSetting } from './invalidSetting.js';

/**
 * Check the names of the variables that hold secrets of feeds. Their values are read when a feed is polled.
 *
 * @throws InvalidSetting when a name has another form, or a secret is set twice; the message contains no value
 */
export function checkSecretNames(env: NodeJS.ProcessEnv): void {
  for (const variable of Object.keys(env).filter(isSecretVariable)) {
    const name = secretNameOf(variable);
    if (name === null)
      throw new InvalidSetting(
        `${variable} can't hold a secret of a feed: after ${SECRET_PREFIX} there must be a name of at most 64 capital ` +
          'letters, digits and "_" that begins with a letter.',
      );
    const [value, file] = [SECRET_PREFIX + name, SECRET_PREFIX + name + FILE_SUFFIX];
    if (isSet(env, value) && isSet(env, file))
      throw new InvalidSetting(`${value} and ${file} are both set: unset one of them.`);
  }
}

function isSet(env: NodeJS.ProcessEnv, variable: string): boolean {
  return env[variable] !== undefined && env[variable] !== '';
}
