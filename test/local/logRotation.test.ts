import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { Guard } from '../../src/local/guardClient.js';
import { LOG_LIMIT_BYTES, logSize, openLog } from '../../src/local/logFile.js';
import { rotateLog } from '../../src/local/logRotation.js';

const LIMIT = 50_000;
/** A numbered line of 1,000 bytes. */
const LINE = (number: number) => `${String(number).padStart(9, '0')} ${'x'.repeat(989)}\n`;

it('loses no line of a process that goes on writing to the descriptor that it has', async () => {
  const { folder, path } = newLog();
  const writer = startWriter(path, { stepwise: true });
  for (let step = 0; step < 5; step++) {
    await writer.write(LIMIT / 1000 + 1);
    await rotateLog(path, LIMIT);
    expect(logSize(path)).toBe(0);
  }
  await writer.write(3);
  await writer.end();
  expect(readdirSync(folder).sort()).toEqual(['part.log', ...[1, 2, 3, 4].map((age) => `part.log.${age}`)]);
  // Five logs were rotated, and the first of them was overwritten.
  const numbers = numbersIn(path);
  expect(numbers).toEqual(Array.from({ length: 4 * 51 + 3 }, (_, index) => 51 + index));
  expect(statSync(`${path}.1`).mode & 0o777).toBe(0o600);
});

it('leaves a log alone that is small', async () => {
  const { folder, path } = newLog();
  writeFileSync(path, 'x'.repeat(LIMIT));
  await rotateLog(path, LIMIT);
  await rotateLog(join(folder, 'none.log'), LIMIT);
  expect(readdirSync(folder)).toEqual(['part.log']);
});

it('keeps the lines in order, each once, while a process writes as fast as it can', async () => {
  const { folder, path } = newLog();
  const writer = startWriter(path);
  for (let rotated = 0; rotated < 20;) {
    if (logSize(path) > LIMIT) rotated++;
    await rotateLog(path, LIMIT);
  }
  await writer.end();
  const last = writer.written() - 1;
  const numbers = numbersIn(path);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(numbers.at(-1)).toBe(last);
  for (const name of readdirSync(folder).filter((older) => older !== 'part.log'))
    expect(statSync(join(folder, name)).size).toBeLessThan(2 * LIMIT + 1000);
});

it('keeps of a flood the end, and says how much is left out', async () => {
  const { path } = newLog();
  writeFileSync(path, Array.from({ length: 500 }, (_, index) => LINE(index)).join(''));
  await rotateLog(path, LIMIT);
  const copied = readFileSync(`${path}.1`, 'utf8');
  expect(copied).toMatch(/^\S+Z \(400000 bytes before this are left out: .*\)\n0{6}400 x/);
  expect(copied.endsWith(LINE(499))).toBe(true);
});

it('leaves a log that it can not copy as it is, and beyond twice the limit only its end', async () => {
  const { folder, path } = newLog();
  // Make the copy fail, as a full disk would.
  mkdirSync(`${path}.copy`);
  const lines = (count: number) => Array.from({ length: count }, (_, index) => LINE(index)).join('');
  const twoMegabytes = 2 * 1024 * 1024;
  writeFileSync(path, lines(1500));
  await expect(rotateLog(path, twoMegabytes / 2)).rejects.toThrow('EISDIR');
  expect(readFileSync(path, 'utf8')).toBe(lines(1500));

  writeFileSync(path, lines(5000));
  await expect(rotateLog(path, twoMegabytes / 2)).rejects.toThrow('EISDIR');
  const end = readFileSync(path, 'utf8');
  expect(end).toMatch(/^\S+Z \(\d+ bytes before this are left out: .*\)\n0{5}\d{4} x/);
  expect(end.endsWith(LINE(4999))).toBe(true);
  expect(end.length).toBeLessThan(twoMegabytes / 2 + 1000);
  expect(readdirSync(folder).sort()).toEqual(['part.log', 'part.log.copy']);
});

it('is done by the guard of a home for whatever it runs', { timeout: 120_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'ladepuls-rotation-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, 'logs'));
  mkdirSync(join(home, 'run'));
  const logFile = join(home, 'logs', 'talker.log');
  const guard = await Guard.start(home);
  onTestFinished(() => guard.shutdown());
  const talker = await guard.spawn({
    name: 'talker',
    command: process.execPath,
    args: ['-e', TALKER],
    cwd: home,
    env: {},
    logFile,
    stopSteps: [{ signal: 'SIGTERM', graceMs: 1_000 }],
    stopOrder: 0,
  });
  await expect.poll(() => existsSync(`${logFile}.4`), { timeout: 60_000 }).toBe(true);
  guard.stop('talker');
  await talker.exited;
  await expect.poll(() => logSize(logFile), { timeout: 10_000 }).toBeLessThanOrEqual(LOG_LIMIT_BYTES);
  const numbers = numbersIn(logFile);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  const files = readdirSync(join(home, 'logs')).filter((name) => name.startsWith('talker'));
  expect(files.length).toBeLessThanOrEqual(5);
  for (const name of files)
    expect(statSync(join(home, 'logs', name)).size).toBeLessThan(2 * LOG_LIMIT_BYTES + 1000);
});

/** Writes numbered lines to its log until it is stopped. Its pauses let a guard on a busy machine do its work. */
const TALKER = `
  const { writeSync } = require('node:fs');
  let number = 0;
  setInterval(() => {
    for (let n = 0; n < 250; n++) writeSync(1, String(number++).padStart(9, '0') + ' ' + 'x'.repeat(989) + '\\n');
  }, 20);
`;

/** Writes as many lines as standard input asks for, or without end. Prints on standard error how many it wrote. */
const WRITER = `
  const { readSync, writeSync } = require('node:fs');
  let number = 0;
  const write = () => writeSync(1, String(number++).padStart(9, '0') + ' ' + 'x'.repeat(989) + '\\n');
  if (process.argv[1] === 'stepwise')
    process.stdin.on('data', (text) => {
      for (let count = Number(text); count > 0; count--) write();
      process.stderr.write(number + '\\n');
    });
  else {
    let isOver = false;
    process.stdin.on('end', () => (isOver = true)).resume();
    const go = () => {
      for (let n = 0; n < 10; n++) write();
      if (isOver) process.stderr.write(number + '\\n');
      else setImmediate(go);
    };
    go();
  }
`;

function startWriter(path: string, { stepwise = false } = {}) {
  const log = openLog(path);
  const child = spawn(process.execPath, ['-e', WRITER, stepwise ? 'stepwise' : 'fast'], {
    stdio: ['pipe', log, 'pipe'],
  });
  const { stdin, stderr } = child;
  if (!stdin || !stderr) return expect.fail('the writer has no pipes');
  closeSync(log);
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  let written = 0;
  const lines = createInterface(stderr).on('line', (line) => (written = Number(line)));
  return {
    written: () => written,
    async write(count: number) {
      const said = once(lines, 'line');
      stdin.write(String(count));
      await said;
    },
    async end() {
      stdin.end();
      await Promise.all([exited, once(lines, 'close')]);
    },
  };
}

function newLog() {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-rotation-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, path: join(folder, 'part.log') };
}

/** The numbers of the complete lines in a log and its older logs, beginning with the oldest. */
function numbersIn(path: string): number[] {
  const files = [4, 3, 2, 1].map((age) => `${path}.${age}`).filter((older) => existsSync(older));
  return [...files, path]
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => /^\d{9} x{989}$/.test(line))
    .map((line) => Number.parseInt(line, 10));
}
