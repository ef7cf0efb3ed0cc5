import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardReport, GuardRequest, ProcessExit, ProcessSpec } from './guardProtocol.js';
import { openLog } from './logFile.js';
import { compiledFile } from '../runtime/paths.js';

/** A process that the guard runs. */
export interface GuardedProcess {
  readonly pid: number;
  /** Resolves with the exit of the process, also when the guard itself has ended. */
  readonly exited: Promise<ProcessExit>;
}

interface Waiting {
  resolve(process: GuardedProcess): void;
  reject(error: Error): void;
}

/** The supervisor's connection to its guard. */
export class Guard {
  private readonly waiting = new Map<string, Waiting>();
  private readonly exits = new Map<number, (exit: ProcessExit) => void>();
  private readonly pings: (() => void)[] = [];
  private isReady!: () => void;
  private readonly ready = new Promise<void>((resolve) => (this.isReady = resolve));
  /** Resolves when the guard has ended: after {@link shutdown}, or because it was killed. */
  readonly ended: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => this.onReport(message as GuardReport));
    child.on('error', () => undefined); // if the guard is gone, `ended` resolves
    this.ended = new Promise((resolve) => {
      child.on('exit', () => {
        this.onEnd();
        resolve();
      });
    });
  }

  /**
   * Start the guard of a home. The guard runs until {@link shutdown}, or until this process ends.
   *
   * @throws Error when the guard does not start
   */
  static async start(home: string): Promise<Guard> {
    const log = openLog(join(home, 'logs', 'guard.log'));
    try {
      // The guard inherits nothing: no options of a debugger, no NODE_OPTIONS, no working directory that may be
      // removed.
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

  /**
   * Start a process.
   *
   * @throws Error when the process can't be started, such as when the command does not exist
   */
  spawn(spec: ProcessSpec): Promise<GuardedProcess> {
    return new Promise((resolve, reject) => {
      if (!this.isAlive) {
        reject(
          new Error(`${spec.name} can't be started: the process that runs all components (guard) has ended.`),
        );
        return;
      }
      this.waiting.set(spec.name, { resolve, reject });
      this.send({ type: 'spawn', spec });
    });
  }

  /** Ask a process to end. `exited` of the process resolves when it has ended. */
  stop(name: string): void {
    this.send({ type: 'stop', name });
  }

  /** Kill a process and its whole process group. `exited` of the process resolves when it has ended. */
  kill(name: string): void {
    this.send({ type: 'kill', name });
  }

  /** Send a ping and wait for the guard's reply. */
  async ping(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.pings.push(resolve);
      this.send({ type: 'ping' });
    });
  }

  /** Kill a guard that hangs. */
  killGuard(): void {
    this.child.kill('SIGKILL');
  }

  /** Stop everything in order, and wait until the guard has ended. */
  async shutdown(): Promise<void> {
    this.send({ type: 'shutdown' });
    await this.ended;
  }

  /** Shorten the time that processes get to stop, from now on. */
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
      this.take(name)?.reject(
        new Error(`${name} can't be started: the process that runs all components (guard) has ended.`),
      );
    for (const settle of this.exits.values()) settle({ code: null, signal: null });
    this.exits.clear();
  }
}

function guardScript(): string {
  const path = compiledFile('local/guard.js');
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build" first.`);
  return path;
}
