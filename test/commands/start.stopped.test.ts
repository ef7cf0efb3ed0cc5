import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { readOwner } from '../../src/local/homeLock.js';
import { isRunning } from '../../src/local/processIdentity.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { clusterFolder, processesOf } from '../local/support/processes.js';
import { until } from '../local/support/supervised.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const UP_WITHIN_MS = 200_000;
/** Of all systems here, one after the other: a system that ended leaves nothing that keeps the next from its start. */
const home = join(realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-stopped-'))), 'home');
let feed: SimulatedFeed;

beforeAll(async () => {
  feed = await startSimulatedFeed({
    contents: [simulateFleet({ seed: 1, feeds: ['bonn'], stationsPerFeed: 2 })],
  });
});

afterAll(async () => {
  const cluster = clusterFolder(home);
  if (cluster !== null) await rm(cluster, { recursive: true, force: true });
  await rm(dirname(home), { recursive: true, force: true });
  await feed.stop();
});

/** A system that a program other than this test starts, in a session of its own, as a shell's job is. */
class Started {
  readonly program: ChildProcess;
  private pid = -1;

  constructor(command: string, args: string[]) {
    this.program = spawn(command, args, {
      cwd: PROJECT,
      detached: true,
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
        LADEPULS_HOME: home,
        LADEPULS_CHARGECLOUD_URL: feed.url,
        LADEPULS_FEEDS: 'bonn',
      },
    });
    onTestFinished(() => this.kill());
  }

  /** Waits until everything is up, and returns the process that runs it. */
  async up(): Promise<number> {
    await until(() => (readOwner(home)?.addresses?.apiUrl ?? '') !== '', 'it is up', UP_WITHIN_MS);
    return (this.pid = readOwner(home)?.pid ?? -1);
  }

  /** Waits until nothing of it is left. */
  async gone(): Promise<void> {
    await until(() => processesOf(home).length === 0 && readOwner(home) === null, 'all of it stops');
  }

  isUp(): boolean {
    const owner = readOwner(home);
    return owner?.pid === this.pid && isRunning(owner);
  }

  /** Kills what a failed test has left. */
  private async kill(): Promise<void> {
    if (this.program.pid !== undefined) killIfThere(-this.program.pid, 'SIGKILL');
    // It works in the project's folder, and outlives a closed terminal.
    const owner = readOwner(home);
    if (owner !== null && isRunning(owner)) killIfThere(owner.pid, 'SIGKILL');
    for (const { pid } of processesOf(home)) killIfThere(pid, 'SIGKILL');
    await until(
      () => processesOf(home).length === 0 && readOwner(home) === null,
      'killed processes are gone',
    );
  }
}

function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended already
  }
}

describe('all of it stops', () => {
  test.for([
    ['SIGTERM', 'npm', ['start']],
    ['SIGINT', 'npm', ['start']],
    ['SIGTERM', 'npx', ['ladepuls', 'start']],
    ['SIGINT', 'npx', ['ladepuls', 'start']],
    ['SIGKILL', 'npx', ['ladepuls', 'start']],
  ] as const)('at %s to %s alone', async ([signal, command, args]) => {
    const started = new Started(command, [...args]);
    await started.up();
    started.program.kill(signal);
    await started.gone();
  });

  test('where npm runs the command in a shell, and only the shell ends', async () => {
    const args = ['exec', '--script-shell=sh', '--', 'ladepuls', 'start'];
    const started = new Started('npm', args);
    await started.up();
    started.program.kill('SIGTERM');
    await started.gone();
  });
});

describe('it goes on', () => {
  test.for([
    ['a closed terminal', 'script', ['-qec', 'node dist/cli.js start', '/dev/null']],
    ['a closed terminal, started by npm', 'script', ['-qec', 'npm start', '/dev/null']],
    [
      'a closed terminal, started by nohup',
      'script',
      ['-qec', 'nohup node dist/cli.js start >/dev/null 2>&1', '/dev/null'],
    ],
  ] as const)('after %s', async ([, command, args]) => {
    const started = new Started(command, [...args]);
    const pid = await started.up();
    const closed = new Promise((resolve) => started.program.once('exit', resolve));
    // The terminal's other end goes with it, and the kernel tells those who run in it.
    started.program.kill('SIGKILL');
    await closed;
    await stillAnswers();
    expect(started.isUp()).toBe(true);
    process.kill(pid, 'SIGTERM');
    await started.gone();
  });

  test('after the end of a shell that started it by setsid', async () => {
    const args = ['-c', 'setsid node dist/cli.js start & sleep 600'];
    const started = new Started('sh', args);
    const pid = await started.up();
    if (started.program.pid !== undefined) process.kill(-started.program.pid, 'SIGKILL');
    await stillAnswers();
    expect(started.isUp()).toBe(true);
    process.kill(pid, 'SIGTERM');
    await started.gone();
  });
});

/** Waits for so long as the end of npm needs to be noticed, by what the running system still does: it answers. */
async function stillAnswers(): Promise<void> {
  const url = readOwner(home)?.addresses?.apiUrl ?? '';
  const since = performance.now();
  await until(async () => {
    const answered = await fetch(`${url}/health`).then(
      () => true,
      () => false,
    );
    return answered && performance.now() - since > NOTICED_WITHIN_MS;
  }, 'it still answers');
}

/** Four times the pause between two looks at npm. */
const NOTICED_WITHIN_MS = 2_000;
