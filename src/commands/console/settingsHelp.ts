import { OTHER_VARIABLES } from '../../settings/others.js';
import { defaultOf, type Setting } from '../../settings/setting.js';
import { TOPICS } from '../../settings/settings.js';
import { wrapped } from './wrapped.js';

const WIDTH = 110;
const INDENT = '      ';

/** List every setting by topic, with name, description, unit and default. Used by `ladepuls --help`. */
export function settingsHelp(): string {
  const topics = TOPICS.map(({ title, settings }) => [title, ...Object.values(settings).map(entry)]);
  const others = OTHER_VARIABLES.map(({ names, about, unset }) =>
    text(names.join(', '), [about, `Unset: ${unset}.`]),
  );
  return [...topics, ['Read by libraries', ...others]].map((lines) => lines.join('\n')).join('\n\n');
}

function entry(setting: Setting): string {
  const { name, type, about } = setting;
  const value = defaultOf(setting);
  return text(name, [
    about,
    ...(type.unit === undefined ? [] : [`Unit: ${type.unit}.`]),
    'unset' in setting ? `Unset: ${setting.unset}.` : `Default: ${value ?? ''}.`,
  ]);
}

function text(name: string, sentences: string[]): string {
  const lines = wrapped(sentences.join(' '), WIDTH - INDENT.length);
  return [`  ${name}`, ...lines.map((line) => `${INDENT}${line}`)].join('\n');
}
