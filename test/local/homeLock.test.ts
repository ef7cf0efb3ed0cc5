import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HomeInUse, lockHome, readOwner } from '../../src/local/homeLock.js';
import { ownIdentity } from '../../src/local/processIdentity.js';
import { FIXTURES } from './support/supervised.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const RACERS = 6;
const ROUNDS = 12;
const never = new AbortController().signal;
const silent = () => undefined;
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ladepuls-lock-'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('many who take the lock again and again, and die with it, never have it together', async () => {
  const journal = join(home, 'journal');
  writeFileSync(journal, '');
  const racers = Array.from({ length: RACERS }, () =>
    spawn(process.execPath, [join(FIXTURES, 'lockOften.js'), home, journal, String(ROUNDS)], {
      stdio: 'inherit',
    }),
  );
  await Promise.all(racers.map((racer) => once(racer, 'exit')));
  const lines = readFileSync(journal, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(2 * RACERS * ROUNDS);
  for (let i = 0; i < lines.length; i += 2) {
    const [entered, pid] = lines[i]?.split(' ') ?? [];
    expect(entered).toBe('in');
    expect(lines[i + 1]).toBe(`out ${pid}`);
  }
  expect(readOwner(home)).toBeNull();
  expect(readdirSync(join(home, 'run', 'owner')).length).toBeLessThan(12);
});

describe('a lock is stale', () => {
  test.each([
    [
      'whose process is dead',
      JSON.stringify({ pid: 2 ** 30, startTime: 'x', mode: 'service', addresses: {}, released: false }),
    ],
    [
      "whose number is another process' now",
      JSON.stringify({
        ...ownIdentity(),
        startTime: 'earlier',
        mode: 'service',
        addresses: {},
        released: false,
      }),
    ],
    ['that a power cut emptied', ''],
  ])('%s', async (_what, text) => {
    mkdirSync(join(home, 'run', 'owner'), { recursive: true });
    writeFileSync(join(home, 'run', 'owner', '7.json'), text);
    expect(readOwner(home)).toBeNull();
    const lock = await lockHome(home, 'service', silent, never);
    expect(readOwner(home)).toMatchObject({ pid: process.pid, mode: 'service', addresses: null });
    lock.release();
    expect(readOwner(home)).toBeNull();
  });
});

test('a service tells where it is reached, and is not waited for', async () => {
  const lock = await lockHome(home, 'service', silent, never);
  const addresses = { temporalAddress: '127.0.0.1:7233' };
  const waiting = lockHome(home, 'service', silent, never);
  lock.publish(addresses, []);
  await expect(waiting).rejects.toThrow(HomeInUse);
  await expect(waiting).rejects.toMatchObject({ owner: { pid: process.pid, addresses } });
  lock.release();
});

test('waiting for a command can be aborted', async () => {
  const lock = await lockHome(home, 'command', silent, never);
  const abort = new AbortController();
  const waiting = lockHome(home, 'command', silent, abort.signal);
  abort.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  lock.release();
});
