import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { childProcess, type ChildSpec } from './childProcess.js';
import { Guard } from './guardClient.js';
import { guardedRunner } from './guardedCommand.js';
import { HomeInUse, lockHome, type Addresses, type HomeLock, type OwnerMode } from './homeLock.js';
import { stopLeftovers } from './leftovers.js';
import { LIVENESS, type Liveness, waitUntilHung } from './liveness.js';
import type { ComponentState } from './componentState.js';
import { retryUntilDone } from './pauses.js';
import type { PortWish } from './ports.js';
import { startPostgres, startPostgresPatiently } from './postgresServer.js';
import {
  ProcessFailed,
  SupervisedProcess,
  type SupervisedSpec,
  type Supervision,
} from './supervisedProcess.js';
import { findTemporal } from './temporalBinary.js';
import type { SearchAttributeTypes } from '../temporal/namespace.js';
import { startTemporal } from './temporalServer.js';
import { isNoSpace, WrongSetting } from './wrongSetting.js';

export interface SupervisorOptions {
  /** Home directory of the installation. It is created if absent. */
  home: string;
  /** A `service` retries after every failure. A `command` fails when a component can't be started or keeps failing. */
  mode: OwnerMode;
  /** The components to start. Absent components are provided elsewhere. */
  components: { temporal?: TemporalComponent; postgres?: PostgresComponent };
  /** Names of the children that will be spawned. Their state is `starting` from the beginning. Default: none. */
  children?: readonly string[];
  /** Cache folder for fetched programs, see {@link file://./cache.ts}. */
  cacheDir: string;
  /** The environment variables. The supervisor reads TEMPORAL_CLI and PATH, and passes all variables on to its children. */
  env: NodeJS.ProcessEnv;
  /** Receives lines for people while a component takes more than two seconds to start. */
  onProgress: (line: string) => void;
  /** Receives one line about each failure, restart and recovery. */
  log: (line: string) => void;
  /** Time limits after which a component counts as hung. Default: {@link LIVENESS}. */
  liveness?: Liveness;
  /** When it aborts, the supervisor cancels the start, or stops the running components. */
  signal: AbortSignal;
  /** When it aborts, the supervisor gives each process less time to stop. */
  hurry?: AbortSignal;
}

interface TemporalComponent {
  port: PortWish;
  /** Port of the Web UI. If absent, there is no Web UI. */
  uiPort?: PortWish;
  searchAttributes: SearchAttributeTypes;
  /**
   * Called when Temporal lost its database file while it ran. Temporal then runs on a new file, which holds no
   * schedules.
   */
  onRenewed?: () => void;
}

interface PostgresComponent {
  port: PortWish;
}

export interface Supervisor {
  readonly addresses: Addresses;
  /**
   * Start a process, wait until it is ready and keep it running. The supervisor restarts the process when the process
   * ends by itself or hangs.
   *
   * @param addresses addresses of the process, for other processes that find this home running
   * @throws ProcessFailed when the process ends, or is not ready in time
   */
  spawn(child: ChildSpec, addresses?: Addresses): Promise<SupervisedProcess>;
  /** Record why a child is not started yet, for `ladepuls status`. Does nothing once the child was ready. */
  noteUnready(name: string, reason: string): void;
  /** Stop everything in order: children, Temporal, Postgres. Then release the home. May be called more than once. */
  stop(): Promise<void>;
  /**
   * Resolves when a component of a command was given up; the others still run. Never resolves for a service, which
   * gives up no component.
   */
  readonly failed: Promise<ProcessFailed>;
  /**
   * Resolves when the address of Postgres became available to a service that started without it. The service then has
   * to restart all components.
   */
  readonly restartWanted: Promise<void>;
  /** Resolves when everything has stopped. */
  readonly stopped: Promise<void>;
}

const isWrongSetting = (error: unknown) => error instanceof WrongSetting;

const SLOW_AFTER_MS = 2_000;
/**
 * Largest number of consecutive failed restarts of a command's component. The number is limited, because a person waits
 * for the command to end.
 */
const RESTARTS_OF_COMMAND = 8;

/**
 * Start the local components of a home and keep them running until they are stopped.
 *
 * The start of a service retries until it succeeds. A service does not wait for Postgres, because other components work
 * without it. When a command's start fails, or either start is aborted, no process is left running after the rejection.
 * When this process dies, its guard stops everything.
 *
 * @throws HomeInUse when a service runs on the home; the error has the addresses of that service
 * @throws WrongSetting when the home can't be created or written to, or Temporal's fixed port is taken
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { mode, onProgress, log, signal } = options;
  let lock: HomeLock | undefined;
  const open = async () => {
    const home = makeHome(options.home);
    lock ??= await lockHome(home, mode, onProgress, signal);
    await stopLeftovers(home, onProgress, signal);
    return new System({ ...options, home }, lock, await Guard.start(home));
  };
  const isFinal = (error: unknown) => error instanceof HomeInUse || error instanceof WrongSetting;
  try {
    const system =
      mode === 'service'
        ? await retryUntilDone(`The home ${options.home}`, open, { signal, onMessage: log, isFinal })
        : await open();
    await system.start();
    return system;
  } catch (error) {
    lock?.release();
    throw signal.aborted ? signal.reason : error;
  }
}

class System implements Supervisor {
  addresses: Addresses = {};
  private readonly ending = new AbortController();
  private readonly states = new Map<string, ComponentState>();
  private renewing: Promise<Guard> | undefined;
  private isUp = false;
  private isPublished = true;
  private stopping: Promise<void> | undefined;
  private fail!: (error: ProcessFailed) => void;
  readonly failed = new Promise<ProcessFailed>((resolve) => (this.fail = resolve));
  private wantRestart!: () => void;
  readonly restartWanted = new Promise<void>((resolve) => (this.wantRestart = resolve));
  private settleStopped!: () => void;
  readonly stopped = new Promise<void>((resolve) => (this.settleStopped = resolve));

  constructor(
    private readonly options: SupervisorOptions,
    private readonly lock: HomeLock,
    private guard: Guard,
  ) {}

  async start(): Promise<void> {
    const { signal, hurry, components, children = [] } = this.options;
    signal.addEventListener('abort', this.onAbort);
    hurry?.addEventListener('abort', this.onHurry);
    this.watchGuard(this.guard);
    const since = new Date().toISOString();
    for (const name of [...Object.keys(components), ...children])
      this.states.set(name, { name, state: 'starting', since, restarts: 0, reason: null });
    this.publish();
    const slow = setTimeout(
      () => this.options.onProgress(`Starting ${Object.keys(components).join(' and ')} …`),
      SLOW_AFTER_MS,
    );
    try {
      if (signal.aborted) this.onAbort();
      await this.startComponents();
      this.ending.signal.throwIfAborted();
      this.isUp = true;
      this.publish();
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(slow);
    }
  }

  async spawn(child: ChildSpec, addresses: Addresses = {}): Promise<SupervisedProcess> {
    const { home, env } = this.options;
    const spec = childProcess(child, { home, env, maxRestarts: this.maxRestarts });
    const started = this.watch(await this.toldIfFailed(child.name, spec));
    Object.assign(this.addresses, addresses);
    this.publish();
    return started;
  }

  private async toldIfFailed(name: string, spec: SupervisedSpec): Promise<SupervisedProcess> {
    try {
      return await SupervisedProcess.start(spec, this.supervision());
    } catch (error) {
      if (error instanceof ProcessFailed) this.noteUnready(name, error.shortly);
      throw error;
    }
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.stopAll());
  }

  /** Start Temporal and Postgres in parallel. When one start fails, the other is aborted. */
  private async startComponents(): Promise<void> {
    const { temporal, postgres } = this.options.components;
    const starts = [
      ...(temporal ? [this.startTemporal(temporal)] : []),
      ...(postgres ? [this.startPostgres(postgres)] : []),
    ];
    try {
      await Promise.all(starts);
    } catch (error) {
      this.ending.abort(error);
      await Promise.allSettled(starts);
      throw error;
    }
  }

  private async startTemporal(component: TemporalComponent): Promise<void> {
    const { home, cacheDir, env, onProgress } = this.options;
    const { port, uiPort, searchAttributes, onRenewed = () => undefined } = component;
    const { signal } = this.ending;
    const supervision = this.supervisionOf('temporal');
    const run = guardedRunner(this.currentGuard, home, signal);
    const start = async () => {
      const { path } = await findTemporal({ cacheDir, env, onProgress, signal, run });
      return startTemporal({
        home,
        binary: path,
        port,
        ...(uiPort ? { uiPort } : {}),
        searchAttributes,
        onRenewed,
        supervision,
        maxRestarts: this.maxRestarts,
      });
    };
    const server = this.isService
      ? await retryUntilDone('Temporal', start, {
          signal,
          onMessage: supervision.onMessage,
          isFinal: isWrongSetting,
        })
      : await start();
    this.watch(server.process);
    this.addresses.temporalAddress = server.address;
    if (server.uiUrl !== undefined) this.addresses.temporalUiUrl = server.uiUrl;
  }

  private async startPostgres({ port }: PostgresComponent): Promise<void> {
    const { home, cacheDir, onProgress } = this.options;
    const start = this.isService ? startPostgresPatiently : startPostgres;
    const supervision = this.supervisionOf('postgres');
    const { maxRestarts } = this;
    const server = await start({ home, cacheDir, port, onProgress, supervision, maxRestarts });
    if (server.url === undefined) {
      void server.located.then(this.wantRestart, () => undefined);
      return;
    }
    void server.process.then(
      (process) => this.watch(process),
      () => undefined, // Postgres was stopped before it was ready
    );
    this.addresses.postgresUrl = server.url;
  }

  private get isService(): boolean {
    return this.options.mode === 'service';
  }

  private get maxRestarts(): number {
    return this.isService ? Infinity : RESTARTS_OF_COMMAND;
  }

  private supervision(): Supervision {
    const { log: onMessage, liveness = LIVENESS } = this.options;
    const onState = (state: ComponentState) => {
      this.states.set(state.name, state);
      this.publish();
    };
    return { guard: this.currentGuard, onMessage, onState, signal: this.ending.signal, liveness };
  }

  /** The supervision of one component. A line about a component that was never ready is also recorded as the reason. */
  private supervisionOf(name: string): Supervision {
    const supervision = this.supervision();
    const onMessage = (line: string) => {
      this.noteUnready(name, line);
      supervision.onMessage(line);
    };
    return { ...supervision, onMessage };
  }

  noteUnready(name: string, reason: string): void {
    const state = this.states.get(name);
    if (state?.state !== 'starting') return;
    this.states.set(name, { ...state, reason });
    this.publish();
  }

  /**
   * Write addresses and states to the home, for other processes. If that fails, such as on a full disk, the next ping
   * of the guard tries again.
   */
  private publish(): void {
    try {
      this.lock.publish(this.isUp ? this.addresses : null, [...this.states.values()]);
      this.isPublished = true;
    } catch (error) {
      if (this.isPublished)
        this.options.log(`The state of the components can't be written to the home: ${String(error)}`);
      this.isPublished = false;
    }
  }

  private watch(process: SupervisedProcess): SupervisedProcess {
    void process.failed.then(this.fail);
    return process;
  }

  /** Watch the guard: kill a guard that hangs, and start a new one when the guard ended. */
  private watchGuard(guard: Guard): void {
    const over = new AbortController();
    const isOver = AbortSignal.any([over.signal, this.ending.signal]);
    const ask = async () => {
      if (!this.isPublished) this.publish();
      await guard.ping();
      return true;
    };
    void waitUntilHung(ask, isOver, this.options.liveness).then((hangs) => {
      if (hangs) guard.killGuard();
    });
    void guard.ended.then(() => {
      over.abort();
      if (this.stopping === undefined && !this.ending.signal.aborted) void this.currentGuard();
    });
  }

  /**
   * The running guard. If the guard was killed: a new one, after the processes that it left running have been stopped.
   */
  private readonly currentGuard = (): Promise<Guard> => {
    if (this.renewing === undefined && this.guard.isAlive) return Promise.resolve(this.guard);
    return (this.renewing ??= this.renewGuard().finally(() => (this.renewing = undefined)));
  };

  private async renewGuard(): Promise<Guard> {
    const { home, log } = this.options;
    const { signal } = this.ending;
    log('The guard process was killed. A new one is started, and then every component again.');
    const start = async () => {
      await stopLeftovers(home, log, signal);
      return Guard.start(home);
    };
    this.guard = await retryUntilDone('The guard process', start, { signal, onMessage: log });
    this.watchGuard(this.guard);
    return this.guard;
  }

  private async stopAll(): Promise<void> {
    const { home, log, signal, hurry } = this.options;
    this.ending.abort(signal.aborted ? signal.reason : new Error('The system is being stopped.'));
    try {
      await this.renewing?.catch(() => undefined);
      await this.guard.shutdown();
      // Processes are left only if the guard was killed.
      await stopLeftovers(home, log, new AbortController().signal);
    } finally {
      this.lock.release();
      signal.removeEventListener('abort', this.onAbort);
      hurry?.removeEventListener('abort', this.onHurry);
      this.settleStopped();
    }
  }

  private readonly onAbort = () => void this.stop();
  private readonly onHurry = () => this.guard.hurry();
}

function makeHome(path: string): string {
  const home = resolve(path);
  try {
    mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o750 });
    mkdirSync(join(home, 'run'), { recursive: true, mode: 0o750 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    if (isNoSpace(error))
      throw new Error(`The home ${home} can't be written to: its disk is full.`, { cause: error });
    throw new WrongSetting(
      `The home ${home} can't be made or written to (${code}). ` +
        'Set LADEPULS_HOME to a folder that this user may write to.',
      { cause: error },
    );
  }
  return home;
}
