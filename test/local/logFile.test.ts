import { closeSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lastLines, LOG_LIMIT_BYTES, logSize, openLog, readLogFrom } from '../../src/local/logFile.js';

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

test('that is large already is set aside when it is opened, and the older ones move on', () => {
  for (const start of ['first', 'second', 'third', 'fourth', 'fifth']) {
    append(`${start}\n`);
    truncateSync(path, LOG_LIMIT_BYTES / 2 + 1);
  }
  const offset = logSize(path);
  append('new\n');
  expect(readLogFrom(path, offset)).toBe('new\n');
  expect(statSync(`${path}.1`).size).toBe(offset);
  const firstLine = (age: number) => readLogFrom(`${path}.${age}`, 0).split('\n')[0];
  expect([1, 2, 3, 4].map(firstLine)).toEqual(['fifth', 'fourth', 'third', 'second']);
  expect(existsSync(`${path}.5`)).toBe(false);
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
