import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { childProcess, type ChildSpec } from './childProcess.js';
import { Guard } from './guardClient.js';
import { guardedRunner } from './guardedCommand.js';
import { lockHome, type Addresses, type HomeLock, type OwnerMode } from './homeLock.js';
import { stopLeftovers } from './leftovers.js';
import type { PortWish } from './ports.js';
import { startPostgres } from './postgresServer.js';
import { ProcessFailed, SupervisedProcess } from './supervisedProcess.js';
import { findTemporal } from './temporalBinary.js';
import type { SearchAttributeTypes } from './temporalNamespace.js';
import { startTemporal } from './temporalServer.js';

export interface SupervisorOptions {
  /** Folder of everything that is kept. It is made where it is absent. */
  home: string;
  mode: OwnerMode;
  /** What to start; the absent is provided elsewhere. */
  parts: { temporal?: TemporalPart; postgres?: PostgresPart };
  /** Where fetched programs are kept, see {@link file://./cache.ts}. */
  cacheDir: string;
  /** Read for TEMPORAL_CLI and PATH, and passed on to children. */
  env: NodeJS.ProcessEnv;
  /** Gets lines for people while things start that take more than two seconds. */
  onProgress: (line: string) => void;
  /** Gets lines about what goes wrong later: crashes and restarts. */
  log: (line: string) => void;
  /** Ends the start, or the running system, whatever it is at. */
  signal: AbortSignal;
  /** Shortens all graces of stopping. */
  hurry?: AbortSignal;
}

interface TemporalPart {
  port: PortWish;
  /** Absent: no Web UI. */
  uiPort?: PortWish;
  searchAttributes: SearchAttributeTypes;
}

interface PostgresPart {
  port: PortWish;
}

export interface Supervisor {
  readonly addresses: Addresses;
  /**
   * Starts a process, waits until it is ready and keeps it running: where it ends by itself, it is started again.
   *
   * @param addresses where it is reached, for whoever finds this home running
   * @throws ProcessFailed where it ends or does not get ready in time
   */
  spawn(child: ChildSpec, addresses?: Addresses): Promise<SupervisedProcess>;
  /** Stops everything in order: children, Temporal, Postgres; then gives the home up. May be called more than once. */
  stop(): Promise<void>;
  /** Settles once a part was given up; the others still run. */
  readonly failed: Promise<ProcessFailed>;
  /** Settles once everything has stopped. */
  readonly stopped: Promise<void>;
}

const SLOW_AFTER_MS = 2_000;

/**
 * Starts the embedded parts of a home and keeps them running until it is stopped. Where the start fails or is aborted,
 * nothing is left running when this rejects; where this process dies, its guard stops everything.
 *
 * @throws HomeInUse where a service runs on that home; it carries that one's addresses
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const home = makeHome(options.home);
  const { mode, onProgress, signal } = options;
  let lock: HomeLock | undefined;
  try {
    lock = await lockHome(home, mode, onProgress, signal);
    await stopLeftovers(home, onProgress, signal);
    const system = new System({ ...options, home }, lock, await Guard.start(home));
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
  private stopping: Promise<void> | undefined;
  private fail!: (error: ProcessFailed) => void;
  readonly failed = new Promise<ProcessFailed>((resolve) => (this.fail = resolve));
  private settleStopped!: () => void;
  readonly stopped = new Promise<void>((resolve) => (this.settleStopped = resolve));

  constructor(
    private readonly options: SupervisorOptions,
    private readonly lock: HomeLock,
    private readonly guard: Guard,
  ) {}

  async start(): Promise<void> {
    const { signal, hurry, parts } = this.options;
    signal.addEventListener('abort', this.onAbort);
    hurry?.addEventListener('abort', this.onHurry);
    void this.guard.ended.then(() => this.onGuardEnded());
    const slow = setTimeout(
      () => this.options.onProgress(`Starting ${Object.keys(parts).join(' and ')} …`),
      SLOW_AFTER_MS,
    );
    try {
      if (signal.aborted) this.onAbort();
      await this.startParts();
      this.ending.signal.throwIfAborted();
      this.lock.publish(this.addresses);
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(slow);
    }
  }

  async spawn(child: ChildSpec, addresses: Addresses = {}): Promise<SupervisedProcess> {
    const { home, env, log } = this.options;
    const spec = childProcess(child, home, env);
    const started = this.watch(await SupervisedProcess.start(this.guard, spec, log, this.ending.signal));
    if (Object.keys(addresses).length > 0) this.lock.publish(Object.assign(this.addresses, addresses));
    return started;
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.stopAll());
  }

  /** Temporal and Postgres side by side; when one fails, the other's start ends too. */
  private async startParts(): Promise<void> {
    const { temporal, postgres } = this.options.parts;
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

  private async startTemporal({ port, uiPort, searchAttributes }: TemporalPart): Promise<void> {
    const { home, cacheDir, env, onProgress, log } = this.options;
    const { guard } = this;
    const { signal } = this.ending;
    const run = guardedRunner(guard, home, signal);
    const { path } = await findTemporal({ cacheDir, env, onProgress, signal, run });
    const ui = uiPort ? { uiPort } : {};
    const server = await startTemporal({
      home,
      binary: path,
      port,
      ...ui,
      searchAttributes,
      guard,
      log,
      signal,
    });
    this.watch(server.process);
    this.addresses.temporalAddress = server.address;
    if (server.uiUrl !== undefined) this.addresses.temporalUiUrl = server.uiUrl;
  }

  private async startPostgres({ port }: PostgresPart): Promise<void> {
    const { home, cacheDir, onProgress, log } = this.options;
    const { signal } = this.ending;
    const server = await startPostgres({ home, cacheDir, port, guard: this.guard, onProgress, log, signal });
    this.watch(server.process);
    this.addresses.postgresUrl = server.url;
  }

  private watch(process: SupervisedProcess): SupervisedProcess {
    void process.failed.then(this.fail);
    return process;
  }

  private async stopAll(): Promise<void> {
    const { home, log, signal, hurry } = this.options;
    this.ending.abort(signal.aborted ? signal.reason : new Error('The system is being stopped.'));
    try {
      await this.guard.shutdown();
      // Only where the guard was killed is there something left.
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

  private onGuardEnded(): void {
    if (this.stopping) return;
    this.fail(new ProcessFailed('The guard process was killed, so that everything else had to be stopped.'));
    void this.stop();
  }
}

function makeHome(path: string): string {
  const home = resolve(path);
  try {
    mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o750 });
    mkdirSync(join(home, 'run'), { recursive: true, mode: 0o750 });
  } catch (error) {
    throw new Error(
      `The home ${home} can't be made or written to (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}). ` +
        'Set LADEPULS_HOME to a folder that this user may write to.',
      { cause: error },
    );
  }
  return home;
}
