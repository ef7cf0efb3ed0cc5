import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard, GuardedProcess } from './guardClient.js';
import type { ProcessExit, ProcessSpec } from './guardProtocol.js';
import { lastLines, logSize } from './logFile.js';

/** A start of a process: what a readiness probe can tell it by from another server on the same port. */
interface Launch {
  pid: number;
  /** Length of the log, in bytes, before this start. */
  logOffset: number;
}

export interface SupervisedSpec extends ProcessSpec {
  /** Done before every start, restarts included. */
  beforeStart?: () => Promise<void>;
  /** Whether the process can do its work now. Asked again and again until it says so; an exception means no. */
  isReady: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  readyTimeoutMs: number;
  /** So many restarts in succession may fail before it is given up. */
  maxRestarts: number;
}

/** A process that ended by itself, or could not be started or made ready. */
export class ProcessFailed extends Error {
  override name = 'ProcessFailed';
}

const LOOK_EVERY_MS = 50;
const FIRST_BACKOFF_MS = 500;
const LAST_BACKOFF_MS = 30_000;
/** A process that lived that long after it was ready did its work: its next crash is a first one. */
const HEALTHY_AFTER_MS = 60_000;

/** A process that is kept running: started again, after a growing pause, when it ends by itself. */
export class SupervisedProcess {
  private launched!: Launch & GuardedProcess;
  private stopping = false;
  private fail!: (error: ProcessFailed) => void;
  /** Settles when the process is given up. */
  readonly failed = new Promise<ProcessFailed>((resolve) => (this.fail = resolve));

  private constructor(
    private readonly guard: Guard,
    private readonly spec: SupervisedSpec,
    private readonly log: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Starts a process and waits until it is ready. Once the signal aborts it is not restarted any more; stopping it
   * is then the guard's matter.
   *
   * @throws ProcessFailed where it ends or does not get ready in time; then it does not run any more
   */
  static async start(
    guard: Guard,
    spec: SupervisedSpec,
    log: (line: string) => void,
    signal: AbortSignal,
  ): Promise<SupervisedProcess> {
    const process = new SupervisedProcess(guard, spec, log, signal);
    process.launched = await process.launch();
    void process.keepRunning();
    return process;
  }

  get name(): string {
    return this.spec.name;
  }

  /** The process' number; another one after a restart. */
  get pid(): number {
    return this.launched.pid;
  }

  /** Ends the process for good and waits for that. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.guard.stop(this.spec.name);
    await this.launched.exited;
  }

  private async launch(): Promise<Launch & GuardedProcess> {
    const { spec, guard, signal } = this;
    signal.throwIfAborted();
    await spec.beforeStart?.();
    signal.throwIfAborted();
    const logOffset = logSize(spec.logFile);
    const process = { logOffset, ...(await this.spawn()) };
    try {
      await this.waitUntilReady(process);
      return process;
    } catch (error) {
      guard.stop(spec.name);
      await process.exited;
      throw error;
    }
  }

  private async spawn(): Promise<GuardedProcess> {
    try {
      return await this.guard.spawn(this.spec);
    } catch (error) {
      throw new ProcessFailed(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  private async waitUntilReady(process: Launch & GuardedProcess): Promise<void> {
    const { spec, signal } = this;
    const ended: { exit?: ProcessExit } = {};
    void process.exited.then((exit) => (ended.exit = exit));
    const deadline = Date.now() + spec.readyTimeoutMs;
    for (;;) {
      signal.throwIfAborted();
      const ready = await spec.isReady(process, signal).catch(() => false);
      if (ended.exit) throw this.failure(describeExit(ended.exit), process);
      if (ready) return;
      if (Date.now() > deadline)
        throw this.failure(`is not ready after ${spec.readyTimeoutMs / 1000} s`, process);
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  private async keepRunning(): Promise<void> {
    let failures = 0;
    for (;;) {
      const readySince = Date.now();
      const exit = await this.launched.exited;
      if (this.stopping || this.signal.aborted || !this.guard.isAlive) return;
      if (Date.now() - readySince > HEALTHY_AFTER_MS) failures = 0;
      let failure = this.failure(describeExit(exit), this.launched);
      for (let restarted = false; !restarted;) {
        if (failures >= this.spec.maxRestarts) {
          this.fail(failure);
          return;
        }
        const outcome = await this.restart(failures++, failure);
        if (outcome === 'stopped') return;
        if (outcome === 'restarted') restarted = true;
        else failure = outcome;
      }
    }
  }

  private async restart(
    failures: number,
    failure: ProcessFailed,
  ): Promise<'restarted' | 'stopped' | ProcessFailed> {
    const pauseMs = Math.min(FIRST_BACKOFF_MS * 2 ** failures, LAST_BACKOFF_MS);
    this.log(`${failure.message}\nStarting ${this.spec.name} again in ${pauseMs / 1000} s …`);
    try {
      await sleep(pauseMs, undefined, { signal: this.signal });
      if (this.stopping) return 'stopped';
      this.launched = await this.launch();
      this.log(`${this.spec.name} runs again.`);
      return 'restarted';
    } catch (error) {
      if (this.isOver()) return 'stopped';
      return error instanceof ProcessFailed
        ? error
        : new ProcessFailed(`${this.spec.name}: ${String(error)}`, { cause: error });
    }
  }

  private isOver(): boolean {
    return this.stopping || this.signal.aborted || !this.guard.isAlive;
  }

  private failure(what: string, launch: Launch): ProcessFailed {
    const { name, logFile } = this.spec;
    const lines = lastLines(logFile, launch.logOffset);
    return new ProcessFailed(
      `${name} ${what}; its log is ${logFile}${lines ? `, which ends:\n${lines}` : '.'}`,
    );
  }
}

function describeExit({ code, signal }: ProcessExit): string {
  return signal === null ? `ended with exit code ${code ?? 'unknown'}` : `was ended by ${signal}`;
}
