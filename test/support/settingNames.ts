import { ALL_SETTINGS } from '../../src/settings/settings.js';
import { isSecretVariable } from '../../src/sources/auth/secretName.js';
import { NotAllowed } from '../../src/settings/types/valueType.js';

/** Names that have the form of our settings. */
const SETTING = /\b(?:LADEPULS_[A-Z_]+|(?:RAW|FLAT)_STORE|DATABASE_URL)\b/g;

/** The settings that a text names, and those among them that there are not. */
export function settingsNamedIn(text: string): { named: string[]; unknown: string[] } {
  const known = ALL_SETTINGS.map(({ name }) => name);
  const named = [...new Set(text.match(SETTING))];
  return { named, unknown: named.filter((name) => !known.includes(name) && !isSecretVariable(name)) };
}

/**
 * The settings of an environment whose value is not allowed, each with what is. Compose's `${NAME:-default}` stands for
 * its default, and an empty value for none.
 */
export function refusedIn(environment: Record<string, string | number | null>): string[] {
  return ALL_SETTINGS.flatMap(({ name, type }) => {
    const text = String(environment[name] ?? '').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
    if (text === '') return [];
    try {
      type.parse(text);
      return [];
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error;
      return [`${name} is "${text}", but it must be ${error.message}`];
    }
  });
}
