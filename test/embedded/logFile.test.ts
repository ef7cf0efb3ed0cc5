import { closeSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lastLines, logSize, openLog, readLogFrom } from '../../src/embedded/logFile.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ladepuls-log-'));
  path = join(folder, 'part.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is appended to', () => {
  append('one\n');
  append('two\n');
  expect(readLogFrom(path, 0)).toBe('one\ntwo\n');
  expect(readLogFrom(path, 4)).toBe('two\n');
});

test('that has outgrown 20 MB is set aside', () => {
  writeFileSync(path, 'old\n');
  truncateSync(path, 20 * 1024 * 1024 + 1);
  const offset = logSize(path);
  append('new\n');
  expect(readLogFrom(path, offset)).toBe('new\n');
  expect(statSync(`${path}.1`).size).toBe(offset);
});

test('has its last lines told, of this start only', () => {
  append('earlier\n');
  const offset = logSize(path);
  append('a\nb\nc\n');
  expect(lastLines(path, offset, 2)).toBe('b\nc');
  expect(lastLines(path, offset)).toBe('a\nb\nc');
});

test('that is absent is empty', () => {
  expect(logSize(path)).toBe(0);
  expect(readLogFrom(path, 0)).toBe('');
});

function append(text: string): void {
  const log = openLog(path);
  writeSync(log, text);
  closeSync(log);
}
