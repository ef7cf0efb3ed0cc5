import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { readOwner } from '../../../src/local/homeLock.js';
import { isRunning } from '../../../src/local/processIdentity.js';
import { processesOf } from '../../local/support/processes.js';
import { until } from '../../local/support/supervised.js';

const DIST = resolve(import.meta.dirname, '../../../dist');
const CLI = join(DIST, 'cli.js');
const FULL_DISK = '/dev/full';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-output-')));

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a shell's command line, in which $CLI and $DIST are this program. */
function shell(line: string, env: Record<string, string> = {}): Promise<{ code: unknown; stderr: string }> {
  const child = spawn('bash', ['-c', line], {
    cwd: folder,
    env: { ...process.env, CLI, DIST, LADEPULS_HOME: join(folder, 'nothing'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((settle) => {
    child.on('close', (code, signal) => settle({ code: signal ?? code, stderr }));
  });
}

describe('a result that can not be written', () => {
  it.each(['feeds list', 'feeds list --json', 'service print --user', '--help'])(
    'to a full disk, %s: is no success',
    async (args) => {
      const { code, stderr } = await shell(`node $CLI ${args} > ${FULL_DISK}`);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(
          /^ladepuls: The output could not be written: ENOSPC: no space left on device, write\n$/,
        ) as string,
      });
    },
  );

  it('whole to a nearly full disk is no success', async () => {
    const { code, stderr } = await shell('ulimit -f 1; node $CLI --help > part');
    expect([code, stderr]).toEqual([1, expect.stringContaining('EFBIG') as string]);
    expect(readFileSync(join(folder, 'part')).length).toBe(1024);
  });

  it('because its reader has seen enough is a success', async () => {
    const line = 'node $CLI --help | true; exit ${PIPESTATUS[0]}';
    expect(await shell(line)).toEqual({ code: 0, stderr: '' });
  });

  it('leaves the status its exit status, and no stack trace', async () => {
    const { code, stderr } = await shell(`node $CLI status > ${FULL_DISK}`);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^ladepuls: The output .*\n$/)]);
  });

  it('with errors neither: the exit status tells', async () => {
    const { code } = await shell(`node $CLI feeds list > ${FULL_DISK} 2> ${FULL_DISK}`);
    expect(code).toBe(1);
    expect(await shell(`node $CLI feeds remove x 2> ${FULL_DISK}`)).toMatchObject({ code: 1 });
  });
});

describe('a log on a full disk', () => {
  it.each(['worker', 'api'])('ends no %s by itself, and keeps none that ends', async (name) => {
    const line = `timeout 30 node $DIST/${name}.js 2> ${FULL_DISK}`;
    expect(await shell(line, { LADEPULS_INTERVAL: '7m' })).toEqual({ code: 78, stderr: '' });
  });

  it('keeps no guard from hearing its supervisor', async () => {
    const full = openSync(FULL_DISK, 'w');
    // A home without the folder for the guard's ledger: there is something to complain of.
    const guard = spawn(process.execPath, [join(DIST, 'local/guard.js'), join(folder, 'nowhere')], {
      stdio: ['ignore', full, full, 'ipc'],
    });
    closeSync(full);
    onTestFinished(() => void guard.kill('SIGKILL'));
    const answered = new Promise((settle) => {
      guard.on('message', (message) => {
        if ((message as { type: string }).type === 'pong') settle(true);
      });
    });
    guard.send({ type: 'ping' });
    expect(await answered).toBe(true);
  });
});

describe('a service whose console is gone', { timeout: 120_000 }, () => {
  /** A service that needs neither Temporal nor Postgres of its own, and can reach neither. */
  async function serve(stdout: 'full' | 'pipe', home: string): Promise<ChildProcess> {
    await mkdir(home, { recursive: true });
    const full = openSync(FULL_DISK, 'w');
    const console = stdout === 'full' ? full : 'pipe';
    const service = spawn(process.execPath, [CLI, 'start'], {
      cwd: folder,
      stdio: ['ignore', console, console],
      env: {
        ...process.env,
        LADEPULS_HOME: home,
        LADEPULS_FEEDS: 'bonn',
        TEMPORAL_ADDRESS: '127.0.0.1:1',
        DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/x',
      },
    });
    closeSync(full);
    onTestFinished(() => {
      service.kill('SIGKILL');
      return until(() => processesOf(home).length === 0, 'all of it is gone');
    });
    return service;
  }

  it.each(['full', 'pipe'] as const)('goes on, and ends well when it is told to: %s', async (stdout) => {
    const home = join(folder, `home-${stdout}`);
    const service = await serve(stdout, home);
    const ended = new Promise((settle) => {
      service.on('close', (code, signal) => settle(signal ?? code));
    });
    service.stdout?.destroy();
    service.stderr?.destroy();
    const log = join(home, 'logs/service.log');
    await until(() => readOwner(home) !== null, 'it runs');
    await until(() => existsSync(log) && readFileSync(log).length > 0, 'something went wrong that it tells');
    const owner = readOwner(home);
    expect(owner !== null && isRunning(owner)).toBe(true);
    service.kill('SIGTERM');
    expect(await ended).toBe(143);
  });
});
