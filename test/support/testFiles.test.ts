import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findTestFiles, type TestFiles } from './testFiles.js';

const NONE: TestFiles = { unit: [], system: [], isolated: [] };

/** Return the test files of a project with these files. */
function testFilesOf(files: Record<string, string>): TestFiles {
  const root = mkdtempSync(join(tmpdir(), 'ladepuls-unit-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return findTestFiles(root);
}

it('a test file that stays on its thread is a unit file, with types of what does not', () => {
  const files = {
    'test/a.test.ts': `import { a } from '../src/a.js';\nimport type { Server } from 'node:http';\n`,
    'src/a.ts': `import { join } from 'node:path';\nimport type pg from 'pg';\nimport type { B } from './b.js';\n`,
    'src/b.ts': `import { spawn } from 'node:child_process';\n`,
  };
  expect(testFilesOf(files)).toEqual({ ...NONE, unit: ['test/a.test.ts'] });
});

it.each([
  ['a process', `import { spawn } from 'node:child_process';`],
  ['a database', `import {\n  Client,\n  Pool,\n} from 'pg';`],
  ['a server', `export { createServer } from 'node:http';`],
  ['a thread, later', `const { Worker } = await import('node:worker_threads');`],
])('one that reaches %s over other modules shares a process, and no thread', (_, text) => {
  const files = {
    'test/a.test.ts': `import { a } from './support/a.js';\n`,
    'test/support/a.ts': `import { b } from '../../src/b.js';\n`,
    'src/b.ts': `${text}\n`,
  };
  expect(testFilesOf(files)).toEqual({ ...NONE, system: ['test/a.test.ts'] });
});

it.each([
  `process.env.HOME = 'x';`,
  `delete process.env.HOME;`,
  `process.chdir('/');`,
  `process.umask(0);`,
  `vi.useFakeTimers();`,
])('one that changes the process’ state has a process of its own: %s', (text) => {
  expect(testFilesOf({ 'test/a.test.ts': text })).toEqual({ ...NONE, isolated: ['test/a.test.ts'] });
});

it.each([`process.kill(1, 'SIGKILL');`, `vi.spyOn(console, 'log');`])(
  'one that changes nothing for later ones shares a process, and no thread: %s',
  (text) => {
    expect(testFilesOf({ 'test/a.test.ts': text })).toEqual({ ...NONE, system: ['test/a.test.ts'] });
  },
);

it('reading the process’ state is no change of it', () => {
  const text = `if (process.env.HOME === 'x' && process.platform !== 'linux') throw new Error();`;
  expect(testFilesOf({ 'test/a.test.ts': text })).toEqual({ ...NONE, unit: ['test/a.test.ts'] });
});

it('days and sources are unit files; loads and commands share processes; a changed umask is seen by nobody else', () => {
  const { unit, system, isolated } = findTestFiles(join(import.meta.dirname, '../..'));
  expect(unit).toContain('test/domain/day.test.ts');
  expect(unit).toContain('test/sources/chargecloud/source.test.ts');
  expect(unit.filter((name) => /^test\/(e2e|serving\/web)\/|warehouse\/load/.test(name))).toEqual([]);
  expect(system).toContain('test/warehouse/load.test.ts');
  expect(system).toContain('test/commands/start.test.ts');
  expect(isolated).toContain('test/stores/modes.test.ts');
  expect(isolated.length).toBeLessThan(12);
});
