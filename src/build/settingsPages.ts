import { wrapped } from '../commands/console/wrapped.js';
import { OTHER_VARIABLES } from '../settings/others.js';
import { defaultOf, type Setting } from '../settings/setting.js';
import { ALL_SETTINGS, TOPICS } from '../settings/settings.js';

/** Lines of a page; the settings are between them. */
const BEGIN = '<!-- Made from src/settings/topics by "npm run docs:settings": begin -->';
const END = '<!-- Made from src/settings/topics by "npm run docs:settings": end -->';

const WIDTH = 120;

/** The pages that list settings, as paths in the project, with the functions that make their lists. */
export const SETTINGS_PAGES: Readonly<Record<string, () => string>> = {
  'README.md': commonTable,
  'docs/settings.md': everySetting,
};

/**
 * Return a page whose list of settings is replaced by the declared settings.
 *
 * @throws Error when the page does not have both marks
 */
export function withSettings(path: string, page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin)
    throw new Error(`${path} must have these two lines, with its settings between them:\n${BEGIN}\n${END}`);
  const settings = SETTINGS_PAGES[path]?.() ?? '';
  return `${page.slice(0, begin)}${BEGIN}\n\n${settings}\n\n${page.slice(end)}`;
}

/** A table of the settings that most users need. */
function commonTable(): string {
  const rows = [
    ...ALL_SETTINGS.filter(({ isCommon }) => isCommon).map((setting) => [
      code(setting.name),
      setting.about,
      'unset' in setting ? text(setting.unset) : code(defaultOf(setting) ?? ''),
    ]),
    ...OTHER_VARIABLES.filter(({ isCommon }) => isCommon).map(({ names, about, unset }) => [
      code(names[0]),
      text(about),
      text(unset),
    ]),
  ];
  const table = [['setting', 'meaning', 'default'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = table;
  const lines = [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
  return `${lines.join('\n')}\n\n[docs/settings.md](docs/settings.md) and \`npx ladepuls --help\` have every setting.`;
}

/** Every setting by topic, with its allowed values. */
function everySetting(): string {
  const topics = TOPICS.map(({ title, settings }) => [`## ${title}`, ...Object.values(settings).map(entry)]);
  const others = OTHER_VARIABLES.map(({ names, about, unset }) =>
    section(names.map(code).join(', '), about, [`Unset: ${text(unset)}.`]),
  );
  return [...topics.flat(), '## Read by libraries', ...others].join('\n\n');
}

function entry(setting: Setting): string {
  const { name, type, about } = setting;
  return section(code(name), about, [
    `Allowed: ${text(type.allowed)}.`,
    ...(type.unit === undefined ? [] : [`Unit: ${type.unit}.`]),
    'unset' in setting ? `Unset: ${text(setting.unset)}.` : `Default: ${code(defaultOf(setting) ?? '')}.`,
  ]);
}

function section(title: string, about: string, facts: string[]): string {
  return [
    `### ${title}`,
    ...[text(about), facts.join(' ')].map((part) => wrapped(part, WIDTH).join('\n')),
  ].join('\n\n');
}

const code = (words: string): string => `\`${words}\``;

/** Convert text to Markdown: commands become code, and special characters are escaped. */
const text = (words: string): string =>
  words.replace(/[<*]|(?<!\w)_(?!\w)/g, String.raw`\$&`).replace(/"((?:ladepuls|temporal)[^"]*)"/g, '`$1`');
