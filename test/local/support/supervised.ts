import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../src/local/cache.js';
import { type Addresses, type HomeOwner, readOwner } from '../../../src/local/homeLock.js';
import type { Liveness } from '../../../src/local/liveness.js';
import { resetHome } from '../../../src/local/reset.js';
import { giveCluster } from './cluster.js';
import { processesOf } from './processes.js';

const WAIT_MS = 60_000;
export const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const CACHE = cacheFolder(undefined, process.env);

export interface SupervisedEvent {
  event: 'running' | 'progress' | 'log' | 'up' | 'renewed' | 'restartWanted' | 'failed' | 'stopped' | 'error';
  line?: string;
  addresses?: Required<Addresses>;
  name?: string;
  message?: string;
  owner?: HomeOwner;
}

export interface SuperviseArguments {
  home: string;
  mode?: 'service' | 'command';
  components?: ('temporal' | 'postgres')[];
  searchAttributes?: Record<string, string>;
  children?: Record<string, unknown>[];
  cacheDir?: string;
  liveness?: Liveness;
}

/** A separate process that runs a supervisor, as `ladepuls start` does. */
export class Supervised {
  readonly events: SupervisedEvent[] = [];
  private readonly exit: Promise<number | NodeJS.Signals>;
  private ended = false;
  private readonly child: ChildProcess;

  constructor(
    private readonly home: string,
    script: string,
    argument: object,
    options: SpawnOptions = {},
  ) {
    this.child = spawn(process.execPath, [join(FIXTURES, script), JSON.stringify(argument)], {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!this.child.stdout) throw new Error('no standard output');
    createInterface(this.child.stdout).on('line', (line) =>
      this.events.push(JSON.parse(line) as SupervisedEvent),
    );
    this.exit = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.ended = true;
        resolve(signal ?? code ?? -1);
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Wait for the end of the process. Returns its exit code, or the signal that ended it. */
  exited(): Promise<number | NodeJS.Signals> {
    return this.exit;
  }

  async event(name: SupervisedEvent['event']): Promise<SupervisedEvent> {
    const find = () => this.events.find(({ event }) => event === name);
    await until(() => find() !== undefined || this.ended, `${this.home} tells "${name}"`);
    const event = find();
    if (!event) throw new Error(`ended before "${name}": ${JSON.stringify(this.events)}`);
    return event;
  }

  /** Wait until a line for people matches. */
  async line(pattern: RegExp): Promise<string> {
    const find = () => this.events.find(({ line }) => pattern.test(line ?? ''))?.line;
    await until(() => find() !== undefined || this.ended, `${this.home} tells ${pattern}`);
    const line = find();
    if (line === undefined) throw new Error(`ended before ${pattern}: ${JSON.stringify(this.events)}`);
    return line;
  }

  async addresses(): Promise<Required<Addresses>> {
    const { addresses } = await this.event('up');
    if (!addresses) throw new Error('no addresses');
    return addresses;
  }
}

export function supervise(
  { components = ['temporal', 'postgres'], cacheDir = CACHE, ...rest }: SuperviseArguments,
  options: SpawnOptions = {},
): Supervised {
  return new Supervised(rest.home, 'supervise.js', { components, cacheDir, ...rest }, options);
}

const homes: string[] = [];

/** Create an empty home in a folder of mode 0700. {@link removeHomes} removes it. */
export function newHome(): string {
  const home = join(realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-test-'))), 'home');
  mkdirSync(home);
  homes.push(home);
  return home;
}

/** Create a home as {@link newHome} does, with the Postgres cluster that its first start would create. */
export async function newHomeWithCluster(): Promise<string> {
  const home = newHome();
  await giveCluster(home);
  return home;
}

/** Remove all homes, including their clusters outside, and kill processes that a failed test left running. */
export async function removeHomes(): Promise<void> {
  for (const home of homes.splice(0)) {
    for (const { pid } of processesOf(home)) process.kill(pid, 'SIGKILL');
    // A dying process has no command line by which it would be found, but still owns its home.
    const isFree = () => processesOf(home).length === 0 && readOwner(home) === null;
    await until(isFree, 'killed processes are gone');
    await resetHome(home, () => undefined, new AbortController().signal);
    await rm(join(home, '..'), { recursive: true, force: true });
  }
}

/**
 * Wait until a condition is true.
 *
 * @throws Error with `what` when the condition is not true in time
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  waitMs = WAIT_MS,
): Promise<void> {
  const deadline = Date.now() + waitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${waitMs / 1000} s in vain until ${what}.`);
    await sleep(20);
  }
}
