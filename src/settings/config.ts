import { shownUrl, withShownUrls } from '../domain/shownUrl.js';
import { isSecretVariable } from '../sources/auth/secretName.js';
import { checkSecretNames } from './secrets.js';
import { checkTogether, withFollowing } from './following.js';
import { InvalidSetting } from './invalidSetting.js';
import { defaultOf, type Setting } from './setting.js';
import { ALL_SETTINGS, type DeclaredConfig, SETTINGS } from './settings.js';
import { NotAllowed } from './types/valueType.js';

export { InvalidSetting };

/**
 * The settings by topic, read and checked. The fields are those of the declarations in `topics/`. `following.ts` adds
 * the values that are derived from several settings.
 */
export type Config = ReturnType<typeof withFollowing>;

/**
 * Read the settings from an environment. An empty variable counts as unset.
 *
 * @throws InvalidSetting when a setting can't be used (the first one is reported), and for a LADEPULS_ variable that is
 * no setting
 * @example readConfig({ LADEPULS_INTERVAL: '5m' }).polling.intervalMinutes // 5
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  refuseUnknown(env);
  checkSecretNames(env);
  const declared = Object.fromEntries(
    Object.entries(SETTINGS).map(([topic, { settings }]) => [
      topic,
      Object.fromEntries(
        Object.entries<Setting>(settings).map(([field, setting]) => [field, readSetting(setting, env)]),
      ),
    ]),
  ) as DeclaredConfig;
  checkTogether(declared);
  return withFollowing(declared);
}

/**
 * Refuse unknown LADEPULS_ variables, because a misspelled name would be ignored silently. Tests use LADEPULS_TEST_.
 * Secrets of feeds have names that people choose.
 *
 * @throws InvalidSetting when a variable is unknown
 */
function refuseUnknown(env: NodeJS.ProcessEnv): void {
  const known = ALL_SETTINGS.map(({ name }) => name).filter((name) => name.startsWith('LADEPULS_'));
  const unknown = Object.keys(env).find(
    (name) =>
      name.startsWith('LADEPULS_') &&
      !name.startsWith('LADEPULS_TEST_') &&
      !isSecretVariable(name) &&
      !known.includes(name),
  );
  if (unknown !== undefined)
    throw new InvalidSetting(
      `${unknown} is not a setting of Ladepuls. The settings are: ${known.join(', ')}.`,
    );
}

/**
 * Read one setting.
 *
 * @throws InvalidSetting when the setting's type does not allow its text
 */
function readSetting(setting: Setting, env: NodeJS.ProcessEnv): unknown {
  const { name, type } = setting;
  const text = env[name] || defaultOf(setting);
  if (text === undefined) return undefined;
  try {
    return type.parse(text);
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    // The shown value has no password, because errors are logged.
    throw new InvalidSetting(
      `${name} is "${withShownUrls(shownUrl(text))}", but it must be ${error.message}.`,
    );
  }
}
