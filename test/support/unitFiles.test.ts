import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { unitFiles } from './unitFiles.js';

/** The unit files of a project with these files. */
function unitFilesOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'ladepuls-unit-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return unitFiles(root);
}

it('a test file that stays on its thread is a unit file, with types of what does not', () => {
  const files = {
    'test/a.test.ts': `import { a } from '../src/a.js';\nimport type { Server } from 'node:http';\n`,
    'src/a.ts': `import { join } from 'node:path';\nimport type pg from 'pg';\nimport type { B } from './b.js';\n`,
    'src/b.ts': `import { spawn } from 'node:child_process';\n`,
  };
  expect(unitFilesOf(files)).toEqual(['test/a.test.ts']);
});

it.each([
  ['a process', `import { spawn } from 'node:child_process';`],
  ['a database', `import {\n  Client,\n  Pool,\n} from 'pg';`],
  ['a server', `export { createServer } from 'node:http';`],
  ['a thread, later', `const { Worker } = await import('node:worker_threads');`],
])('one that reaches %s over other modules is none', (_, text) => {
  const files = {
    'test/a.test.ts': `import { a } from './support/a.js';\n`,
    'test/support/a.ts': `import { b } from '../../src/b.js';\n`,
    'src/b.ts': `${text}\n`,
  };
  expect(unitFilesOf(files)).toEqual([]);
});

it.each([
  `process.env.HOME = 'x';`,
  `delete process.env.HOME;`,
  `process.chdir('/');`,
  `process.umask(0);`,
  `vi.useFakeTimers();`,
  `vi.spyOn(console, 'log');`,
])('one that changes the process’ state is none: %s', (text) => {
  expect(unitFilesOf({ 'test/a.test.ts': text })).toEqual([]);
});

it('reading the process’ state is no change of it', () => {
  const text = `if (process.env.HOME === 'x' && process.platform !== 'linux') throw new Error();`;
  expect(unitFilesOf({ 'test/a.test.ts': text })).toEqual(['test/a.test.ts']);
});

it('days and sources are unit files; loads and commands are not', () => {
  const found = unitFiles(join(import.meta.dirname, '../..'));
  expect(found).toContain('test/domain/day.test.ts');
  expect(found).toContain('test/sources/chargecloud/source.test.ts');
  expect(found.filter((name) => /^test\/(e2e|web)\/|warehouse\/load/.test(name))).toEqual([]);
});
