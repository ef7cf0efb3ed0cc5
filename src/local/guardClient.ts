import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardReport, GuardRequest, ProcessExit, ProcessSpec } from './guardProtocol.js';
import { openLog } from './logFile.js';
import { compiledFile } from '../runtime/paths.js';

/** A process that the guard runs. */
export interface GuardedProcess {
  readonly pid: number;
  /** How it ended; also settles when the guard itself is gone. */
  readonly exited: Promise<ProcessExit>;
}

interface Waiting {
  resolve(process: GuardedProcess): void;
  reject(error: Error): void;
}

/** The supervisor's end of the line to its guard. */
export class Guard {
  private readonly waiting = new Map<string, Waiting>();
  private readonly exits = new Map<number, (exit: ProcessExit) => void>();
  private readonly pings: (() => void)[] = [];
  private isReady!: () => void;
  private readonly ready = new Promise<void>((resolve) => (this.isReady = resolve));
  /** Settles when the guard has ended: after {@link shutdown}, or because something killed it. */
  readonly ended: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => this.onReport(message as GuardReport));
    child.on('error', () => undefined); // a guard that is gone: `ended` tells
    this.ended = new Promise((resolve) => {
      child.on('exit', () => {
        this.onEnd();
        resolve();
      });
    });
  }

  /** Starts the guard of a home. It lives until {@link shutdown} or the end of this process. */
  static async start(home: string): Promise<Guard> {
    const log = openLog(join(home, 'logs', 'guard.log'));
    try {
      // Nothing is inherited: neither a debugger's options nor NODE_OPTIONS, nor a folder that may be removed.
      const options: ForkOptions = {
        stdio: ['ignore', log, log, 'ipc'],
        execArgv: [],
        env: {},
        cwd: '/',
        detached: true,
      };
      const guard = new Guard(fork(guardScript(), [home], options));
      await Promise.race([guard.ready, guard.ended]);
      if (!guard.isAlive) throw new Error(`The guard process did not start: see ${home}/logs/guard.log.`);
      return guard;
    } finally {
      closeSync(log);
    }
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts a process. Rejects where it can't be started, such as for a command that does not exist. */
  spawn(spec: ProcessSpec): Promise<GuardedProcess> {
    return new Promise((resolve, reject) => {
      if (!this.isAlive) {
        reject(new Error(`${spec.name} can't be started: the guard process is gone.`));
        return;
      }
      this.waiting.set(spec.name, { resolve, reject });
      this.send({ type: 'spawn', spec });
    });
  }

  /** Asks a process to end; its `exited` tells when it has. */
  stop(name: string): void {
    this.send({ type: 'stop', name });
  }

  /** Ends a process at once, with its whole process group; its `exited` tells when it has. */
  kill(name: string): void {
    this.send({ type: 'kill', name });
  }

  /** Waits until the guard answers. */
  async ping(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.pings.push(resolve);
      this.send({ type: 'ping' });
    });
  }

  /** Ends a guard that hangs. */
  killGuard(): void {
    this.child.kill('SIGKILL');
  }

  /** Stops everything in order and waits for the end of it. */
  async shutdown(): Promise<void> {
    this.send({ type: 'shutdown' });
    await this.ended;
  }

  /** Shortens all graces from now on. */
  hurry(): void {
    this.send({ type: 'hurry' });
  }

  private send(request: GuardRequest): void {
    if (this.child.connected) this.child.send(request);
  }

  private onReport(report: GuardReport): void {
    switch (report.type) {
      case 'ready':
        this.isReady();
        break;
      case 'pong':
        this.pings.shift()?.();
        break;
      case 'spawned': {
        const { pid } = report;
        const exited = new Promise<ProcessExit>((resolve) => this.exits.set(pid, resolve));
        this.take(report.name)?.resolve({ pid, exited });
        break;
      }
      case 'notSpawned':
        this.take(report.name)?.reject(new Error(`${report.name} can't be started: ${report.reason}.`));
        break;
      case 'exited':
        this.exits.get(report.pid)?.(report.exit);
        this.exits.delete(report.pid);
        break;
    }
  }

  private take(name: string): Waiting | undefined {
    const waiting = this.waiting.get(name);
    this.waiting.delete(name);
    return waiting;
  }

  private onEnd(): void {
    for (const name of [...this.waiting.keys()])
      this.take(name)?.reject(new Error(`${name} can't be started: the guard is gone.`));
    for (const settle of this.exits.values()) settle({ code: null, signal: null });
    this.exits.clear();
  }
}

function guardScript(): string {
  const path = compiledFile('local/guard.js');
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build" first.`);
  return path;
}
