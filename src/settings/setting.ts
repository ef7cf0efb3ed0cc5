import type { ValueType } from './types/valueType.js';

/** A setting, declared once. `Config`, `--help`, the docs and the checks of deployed settings are derived from it. */
export type Setting = Declaration & (WithDefault | WithoutDefault);

interface Declaration {
  /** Name of the environment variable. */
  name: string;
  type: ValueType<unknown>;
  /** What the setting does: one sentence, without unit and default. */
  about: string;
  /** Whether most users need the setting: the README's table then has it. Default: no. */
  isCommon?: boolean;
}

interface WithDefault {
  /** The default, as a user would write it. */
  default: string;
}

interface WithoutDefault {
  /** What applies if the setting is unset: words that follow "Unset:", without a full stop. */
  unset: string;
}

/** The settings of one topic, by their field in `Config`. */
export interface Topic<Settings extends Record<string, Setting> = Record<string, Setting>> {
  /** The heading in `--help` and the docs. */
  title: string;
  settings: Settings;
}

/** Declare the settings of a topic. */
export function topic<const Settings extends Record<string, Setting>>(
  title: string,
  settings: Settings,
): Topic<Settings> {
  return { title, settings };
}

/** The type of a setting's value. */
export type ValueOf<S extends Setting> =
  S['type'] extends ValueType<infer Value> ? (S extends WithDefault ? Value : Value | undefined) : never;

/** Return the default of a setting as text; undefined if it has none. */
export function defaultOf(setting: Setting): string | undefined {
  return 'default' in setting ? setting.default : undefined;
}
