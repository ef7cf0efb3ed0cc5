import type { ValueType } from './types/valueType.js';

/** A setting, declared once: `Config`, `--help`, the docs and the checks of what is deployed are made from this. */
export type Setting = Declaration & (WithDefault | WithoutDefault);

interface Declaration {
  /** The environment variable. */
  name: string;
  type: ValueType<unknown>;
  /** What the setting does: one sentence, without unit and default. */
  about: string;
  /** Whether most users want to know of the setting: the README's table has it. Default: no. */
  isCommon?: boolean;
}

interface WithDefault {
  /** The default, as somebody would write it. */
  default: string;
}

interface WithoutDefault {
  /** What holds where the setting is not set: words after "Unset:", without a full stop. */
  unset: string;
}

/** Settings on one topic, by their field in `Config`. */
export interface Topic<Settings extends Record<string, Setting> = Record<string, Setting>> {
  /** The heading in `--help` and the docs. */
  title: string;
  settings: Settings;
}

/** Declares the settings of a topic. */
export function topic<const Settings extends Record<string, Setting>>(
  title: string,
  settings: Settings,
): Topic<Settings> {
  return { title, settings };
}

/** The type of a setting's value. */
export type ValueOf<S extends Setting> =
  S['type'] extends ValueType<infer Value> ? (S extends WithDefault ? Value : Value | undefined) : never;

/** The default of a setting as text; undefined where the setting has none. */
export function defaultOf(setting: Setting): string | undefined {
  return 'default' in setting ? setting.default : undefined;
}
