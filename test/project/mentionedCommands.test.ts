import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { parsingProgram } from '../commands/support/program.js';

const { commands } = parsingProgram();

/** What may stand before `ladepuls` on a command line, such as settings. */
const BEFORE =
  /(?:(?:sudo|npx|time|nohup|exec)\s+(?:-\w \S+\s+)?|[A-Z_]+=\S+\s+|docker compose exec \S+\s+)*/;
/** A command line of `ladepuls`: what follows the name, as far as it is its own. */
const MENTION = new RegExp(
  /(?:^\s*(?:\$ )?|[`"'(|]\s*|&& )/.source +
    BEFORE.source +
    /ladepuls ((?:"[^"\n]*"|&(?!&)|[^`"'\n|>;#)…\\&])+)/.source,
  'gm',
);
/** What the guard calls itself in the list of processes. */
const NO_COMMAND = /^guard \$/;

/** What is wrong with a mentioned command line; null where nothing is. */
function problemOf(mention: string): string | null {
  const words = mention.trim().split(/\s+/);
  const [first = '', second = ''] = words;
  if (['--help', '--version'].includes(first)) return null;
  let command: Command | undefined = commands.get(first);
  if (!command) return `no command ${first}`;
  if (command.commands.length > 0) {
    if (!/^[a-z]+$/.test(second)) return null; // the group as such
    command = commands.get(`${first} ${second}`);
    if (!command) return `no command ${first} ${second}`;
  }
  const known = ['--help', ...command.options.map(({ long }) => long)];
  const options = words.flatMap((word) => /^\[?(--[a-z-]+)/.exec(word)?.slice(1) ?? []);
  const unknown = options.filter((option) => !known.includes(option));
  return unknown.length === 0 ? null : `${command.name()} has no ${unknown.join(', ')}`;
}

/** Code of a page: in backticks, or in a fenced block. */
function codeOf(markdown: string): string {
  return [...markdown.matchAll(/^ *```(?:sh|bash|console|text)?\n([\s\S]*?)^ *```|`([^`\n]+)`/gm)]
    .map(([, block, span]) => block ?? `\`${span}\``)
    .join('\n');
}

function mentionsIn(text: string): string[] {
  return [...text.matchAll(MENTION)]
    .map(([, mention = '']) => mention)
    .filter((mention) => !NO_COMMAND.test(mention));
}

it.each(['README.md', 'docs', 'src', 'deploy'])(
  '%s mentions commands and options that there are',
  (place) => {
    const files = execFileSync('git', ['ls-files', '-z', place], { encoding: 'utf8' })
      .split('\0')
      .filter((name) => /\.(md|ts|tsx|ya?ml)$/.test(name));
    let mentioned = 0;
    const wrong = files.flatMap((name) => {
      const text = readFileSync(name, 'utf8');
      const mentions = mentionsIn(
        name.endsWith('.md') ? codeOf(text) : [...text.matchAll(/["`]ladepuls [^"`\n]*["`]/g)].join('\n'),
      );
      mentioned += mentions.length;
      return mentions.flatMap((mention) => {
        const problem = problemOf(mention);
        return problem === null ? [] : [`${name}: ladepuls ${mention.trim()}: ${problem}`];
      });
    });
    expect(wrong).toEqual([]);
    if (place !== 'deploy') expect(mentioned).toBeGreaterThan(5);
  },
);

it.each([
  ['feeds list --json', null],
  ['feeds', null],
  ['feeds drop', 'no command feeds drop'],
  ['lod --from 2022-01-11', 'no command lod'],
  ['load --since 2022-01-11', 'load has no --since'],
])('of "ladepuls %s" it says %s', (mention, problem) => {
  expect(problemOf(mention)).toBe(problem);
});
