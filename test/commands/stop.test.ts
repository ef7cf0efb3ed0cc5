import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ownIdentity } from '../../src/local/processIdentity.js';
import { readOwner } from '../../src/local/homeLock.js';
import { readLedgers } from '../../src/local/processLedger.js';
import { unitInCgroups } from '../../src/local/systemdUnit.js';
import { processesOf } from '../local/support/processes.js';
import { FIXTURES, newHome, removeHomes, supervise, until } from '../local/support/supervised.js';
import { Command } from './support/command.js';

afterAll(removeHomes, 60_000);

/** `ladepuls stop` on a home. */
async function stop(home: string, ...args: string[]) {
  // Not inside the home: what works there counts as its process.
  const command = new Command(['stop', ...args], { LADEPULS_HOME: home }, join(home, '../..'));
  return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr.trim() };
}

/** Runs a child on a home, as `ladepuls start` runs the worker. */
async function runChild(home: string, behaviour: 'polite' | 'stubborn', mode?: 'command') {
  const record = join(home, 'record');
  const supervised = supervise({
    home,
    ...(mode && { mode }),
    components: [],
    children: [
      {
        name: 'worker',
        command: process.execPath,
        args: [join(FIXTURES, 'child.js'), record, behaviour],
        stopGraceMs: 600_000,
      },
    ],
  });
  await supervised.event('up');
  await until(() => existsSync(record), 'the child runs');
  return supervised;
}

const guardOf = (home: string) => readLedgers(home)[0]?.guard.pid ?? -1;

describe('ladepuls stop', () => {
  it('where nothing runs says so, and exits 0; it makes nothing', async () => {
    const home = join(newHome(), 'never');
    expect(await stop(home)).toEqual({ code: 0, stdout: `Nothing runs on ${home}.\n`, stderr: '' });
    expect(existsSync(home)).toBe(false);
    expect(await stop(home, '--timeout', 'soon')).toMatchObject({ code: 1 });
  });

  it('stops the service and its parts, waits for them, and says what it did', async () => {
    const home = newHome();
    const supervised = await runChild(home, 'polite');
    const { code, stdout } = await stop(home, '--json');
    expect([code, processesOf(home), readOwner(home)]).toEqual([0, [], null]);
    expect(JSON.parse(stdout)).toMatchObject({
      home,
      stopped: { pid: supervised.pid, mode: 'service' },
      parts: ['worker'],
    });
    expect(await supervised.exited()).toBe(0);
    expect((await stop(home)).stdout).toBe(`Nothing runs on ${home}.\n`);
  });

  it('names what does not end in time, and ends it with --now', async () => {
    const home = newHome();
    const supervised = await runChild(home, 'stubborn');
    const { code, stderr } = await stop(home, '--timeout', '1');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/these processes of .* still run: worker, the guard.*--now/),
    ]);
    expect((await stop(home, '--now')).code).toBe(0);
    expect(await supervised.exited()).toBe(0);
    expect(processesOf(home)).toEqual([]);
  });

  it('names a command, and stops it only if it is told to', async () => {
    const home = newHome();
    const supervised = await runChild(home, 'polite', 'command');
    const refused = await stop(home);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/A command runs on .*supervise\.js.*"ladepuls stop --command"/);
    expect(processesOf(home)).not.toEqual([]);
    expect((await stop(home, '--command')).code).toBe(0);
    expect(await supervised.exited()).toBe(0);
  });

  it('stops what a crash of supervisor and guard left behind', async () => {
    const home = newHome();
    const supervised = await runChild(home, 'polite');
    process.kill(guardOf(home), 'SIGKILL');
    supervised.kill('SIGKILL');
    await supervised.exited();
    const { code, stdout } = await stop(home);
    expect([code, processesOf(home)]).toEqual([0, []]);
    expect(stdout).toMatch(
      /^(Stopped processes that an earlier run had left running on .*: worker|Nothing runs on .*)\.\n$/,
    );
  });

  it('never signals a process that got the number of one that is gone', async () => {
    const home = newHome();
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      const record = {
        ...ownIdentity(),
        pid: other.pid,
        startTime: 'long ago',
        mode: 'service',
        released: false,
      };
      await mkdir(join(home, 'run/owner'), { recursive: true });
      await writeFile(join(home, 'run/owner/1.json'), JSON.stringify(record));
      expect((await stop(home)).stdout).toBe(`Nothing runs on ${home}.\n`);
      expect(other.exitCode ?? other.signalCode).toBeNull();
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('says whose the home is where it is not readable', async () => {
    const home = newHome();
    await writeFile(join(home, 'run'), ''); // no folder: as good as unreadable, for root too
    const { code, stderr } = await stop(home);
    expect([code, stderr.split('\n')]).toEqual([
      1,
      [expect.stringMatching(/ENOTDIR.*as the owner of this folder/)],
    ]);
    await rm(join(home, 'run'));
  });

  it('is what the message of a home in use advises', async () => {
    const home = newHome();
    const supervised = await runChild(home, 'polite');
    const second = supervise({ home, components: [] });
    const { message } = await second.event('error');
    // A service that is up refuses a second one.
    expect(message).toContain(`stop it with "LADEPULS_HOME=${home} ladepuls stop"`);
    expect((await stop(home)).code).toBe(0);
    expect(await supervised.exited()).toBe(0);
  });
});

describe('the unit that runs a process', () => {
  it.each([
    ['0::/system.slice/ladepuls.service\n', { name: 'ladepuls.service', isUser: false }],
    [
      '0::/user.slice/user-1000.slice/user@1000.service/app.slice/ladepuls.service\n',
      { name: 'ladepuls.service', isUser: true },
    ],
    [
      '12:pids:/system.slice/x.service\n1:name=systemd:/system.slice/ladepuls@a.service\n0::/\n',
      { name: 'ladepuls@a.service', isUser: false },
    ],
    ['0::/user.slice/user-1000.slice/session-3.scope\n', null],
    ['0::/user.slice/user-1000.slice/user@1000.service\n', null],
    ['0::/\n', null],
    ['', null],
  ])('%j', (cgroups, unit) => {
    expect(unitInCgroups(cgroups)).toEqual(unit);
  });
});
