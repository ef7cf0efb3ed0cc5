import { describeSettings } from '../../src/settings/config.js';

/** Names that have the form of our settings. */
const SETTING = /\b(?:LADEPULS_[A-Z_]+|(?:RAW|FLAT)_STORE|DATABASE_URL)\b/g;

/** The settings that a text names, and those among them that there are not. */
export function settingsNamedIn(text: string): { named: string[]; unknown: string[] } {
  const known = describeSettings().map(({ name }) => name);
  const named = [...new Set(text.match(SETTING))];
  return { named, unknown: named.filter((name) => !known.includes(name)) };
}
