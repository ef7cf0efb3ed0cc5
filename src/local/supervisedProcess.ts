import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard, GuardedProcess } from './guardClient.js';
import type { ProcessExit, ProcessSpec } from './guardProtocol.js';
import { lastLines, logSize } from './logFile.js';
import { type Liveness, waitUntilHung } from './liveness.js';
import type { ComponentState } from './componentState.js';
import { oneLine } from '../domain/oneLine.js';
import { pauseMs, FailureReporter } from './pauses.js';

/**
 * One start of a process. A readiness probe uses it to distinguish the process from another server on the same port.
 */
export interface Launch {
  pid: number;
  /** Length of the log before this start, in bytes. */
  logOffset: number;
}

export interface SupervisedSpec extends ProcessSpec {
  /** Called before every start, also before restarts. */
  beforeStart?: () => Promise<void>;
  /**
   * Whether the process can do its work now. Called repeatedly until the result is true. An exception counts as false.
   */
  isReady: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  /**
   * Whether a process that was ready still does its work. An exception counts as false. Default: true as long as the
   * process runs.
   */
  isAlive?: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  readyTimeoutMs: number;
  /**
   * Number of consecutive failed restarts after which the supervisor gives the process up. Infinity: never.
   */
  maxRestarts: number;
}

/** What a supervised process gets from its supervisor. */
export interface Supervision {
  /** Returns the running guard. If the guard was killed, waits for a new one. */
  guard: () => Promise<Guard>;
  /** Receives one line for people about each failure, restart and recovery. */
  onMessage: (line: string) => void;
  /** Receives the state of the process after each change. */
  onState?: (state: ComponentState) => void;
  /** When it aborts, the process is not restarted any more, and the guard stops the process. */
  signal: AbortSignal;
  liveness?: Liveness;
}

/** The error of a process that ended by itself, could not be started, or was not ready in time. */
export class ProcessFailed extends Error {
  override name = 'ProcessFailed';
  /** The message and the last line of the log that names an error, in one line. */
  readonly shortly: string;

  constructor(message: string, { shortly, cause }: { shortly?: string; cause?: unknown } = {}) {
    super(message, { cause });
    this.shortly = shortly ?? oneLine(message);
  }
}

const LOOK_EVERY_MS = 50;
/** Milliseconds after which a ready process counts as healthy. Earlier failures no longer count. */
const HEALTHY_AFTER_MS = 60_000;
/** Largest number of characters of a log line in a message for people. */
const SHOWN_LOG_CHARACTERS = 200;

/** A process that is restarted, after a growing pause, when it ends by itself or hangs. */
export class SupervisedProcess {
  private launched!: Launch & GuardedProcess;
  private hung = false;
  private stopping = false;
  private restarts = 0;
  private fail!: (error: ProcessFailed) => void;
  /** Resolves when the process is given up. */
  readonly failed = new Promise<ProcessFailed>((resolve) => (this.fail = resolve));

  private constructor(
    private readonly spec: SupervisedSpec,
    private readonly supervision: Supervision,
  ) {}

  /**
   * Start a process and wait until it is ready. After the signal aborts, the process is not restarted any more, and the
   * guard stops it.
   *
   * @throws ProcessFailed when the process ends or is not ready in time; the process is stopped before the rejection
   */
  static async start(spec: SupervisedSpec, supervision: Supervision): Promise<SupervisedProcess> {
    const process = new SupervisedProcess(spec, supervision);
    process.launched = await process.launch();
    process.reportState('running', null);
    void process.keepRunning();
    return process;
  }

  get name(): string {
    return this.spec.name;
  }

  /** Process id. Changes after a restart. */
  get pid(): number {
    return this.launched.pid;
  }

  /** Stop the process for good and wait until it has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    (await this.supervision.guard()).stop(this.spec.name);
    await this.launched.exited;
  }

  private async launch(): Promise<Launch & GuardedProcess> {
    const { spec } = this;
    const { guard, signal } = this.supervision;
    signal.throwIfAborted();
    await spec.beforeStart?.();
    signal.throwIfAborted();
    const logOffset = logSize(spec.logFile);
    const current = await guard();
    const process = { logOffset, ...(await this.spawn(current)) };
    try {
      await this.waitUntilReady(process);
      return process;
    } catch (error) {
      current.stop(spec.name);
      await process.exited;
      throw error;
    }
  }

  private async spawn(guard: Guard): Promise<GuardedProcess> {
    try {
      return await guard.spawn(this.spec);
    } catch (error) {
      throw new ProcessFailed(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  /**
   * Call `isReady` until it returns true. A call that never returns is abandoned when the process ends or its time is
   * over.
   *
   * @throws ProcessFailed when the process ends or is not ready in time
   */
  private async waitUntilReady(process: Launch & GuardedProcess): Promise<void> {
    const { spec } = this;
    const over = new AbortController();
    const stopping = AbortSignal.any([this.supervision.signal, over.signal]);
    let notReady = '';
    const ask = () =>
      spec.isReady(process, stopping).catch((error: unknown) => {
        notReady = `: ${error instanceof Error ? error.message : String(error)}`;
        return false;
      });
    const ended = process.exited.then((exit) => this.failure(describeExit(exit), process));
    const late = pauseUnless(stopping, spec.readyTimeoutMs).then(() =>
      this.failure(`is not ready after ${spec.readyTimeoutMs / 1000} s${notReady}`, process),
    );
    try {
      for (let isReady = false; !isReady;) {
        const first = await Promise.race([ask(), ended, late]);
        this.supervision.signal.throwIfAborted();
        if (first instanceof ProcessFailed) throw first;
        isReady = first;
        if (!isReady) await Promise.race([pauseUnless(stopping, LOOK_EVERY_MS), ended, late]);
      }
    } finally {
      over.abort();
    }
  }

  private async keepRunning(): Promise<void> {
    let failures = 0;
    for (;;) {
      const readySince = performance.now();
      const exit = await this.exitOrHang();
      if (this.isOver()) return;
      if (performance.now() - readySince > HEALTHY_AFTER_MS) failures = 0;
      const what = this.hung ? `hung: it did not respond, and was killed` : describeExit(exit);
      const failure = this.failure(what, this.launched);
      failures = await this.restart(failure, failures);
      if (failures === GIVEN_UP) return;
    }
  }

  /**
   * Restart the process until it is ready.
   *
   * @param earlier failures in succession before this one
   * @returns the failures in succession so far, or {@link GIVEN_UP}
   */
  private async restart(first: ProcessFailed, earlier: number): Promise<number> {
    const { spec } = this;
    const { signal, onMessage } = this.supervision;
    const reporter = new FailureReporter(onMessage);
    let failure = first;
    for (let failures = earlier; ;) {
      if (failures >= spec.maxRestarts) {
        this.fail(failure);
        return GIVEN_UP;
      }
      const waitMs = pauseMs(++failures);
      this.restarts++;
      this.reportState('restarting', failure.shortly);
      const again =
        failures > earlier + 1 ? 'again and again, at most a minute apart' : `again in ${waitMs / 1000} s`;
      reporter.failure(withoutNumbers(failure.shortly), `${failure.shortly} Starting ${spec.name} ${again}.`);
      try {
        await sleep(waitMs, undefined, { signal });
        if (this.isOver()) return GIVEN_UP;
        this.launched = await this.launch();
        this.reportState('running', first.shortly);
        reporter.recovery(`${spec.name} runs again.`);
        return failures;
      } catch (error) {
        if (this.isOver()) return GIVEN_UP;
        failure =
          error instanceof ProcessFailed
            ? error
            : new ProcessFailed(`${spec.name} can't be started: ${String(error)}`, { cause: error });
      }
    }
  }

  /** Wait until the process ends. Kills a process that hangs. */
  private async exitOrHang(): Promise<ProcessExit> {
    const ended = new AbortController();
    this.hung = false;
    void this.watch(AbortSignal.any([ended.signal, this.supervision.signal]));
    try {
      return await this.launched.exited;
    } finally {
      ended.abort();
    }
  }

  private async watch(over: AbortSignal): Promise<void> {
    const { spec, launched } = this;
    const { isAlive } = spec;
    if (isAlive === undefined) return;
    const ask = () => isAlive(launched, over);
    if (!(await waitUntilHung(ask, over, this.supervision.liveness)) || this.isOver()) return;
    this.hung = true;
    // A hung process does not react to any other signal.
    (await this.supervision.guard()).kill(spec.name);
  }

  private isOver(): boolean {
    return this.stopping || this.supervision.signal.aborted;
  }

  private failure(what: string, launch: Launch): ProcessFailed {
    const { name, logFile } = this.spec;
    const lines = lastLines(logFile, launch.logOffset);
    const last = mostTelling(lines.split('\n')).trim();
    const shown = last.length > SHOWN_LOG_CHARACTERS ? `${last.slice(0, SHOWN_LOG_CHARACTERS)}…` : last;
    return new ProcessFailed(
      `${name} ${what}; its log is ${logFile}${lines ? `, which ends:\n${lines}` : '.'}`,
      { shortly: `${name} ${what}${shown ? `: "${shown}"` : ''} (${logFile}).` },
    );
  }

  private reportState(state: ComponentState['state'], reason: string | null): void {
    const since = new Date().toISOString();
    this.supervision.onState?.({ name: this.spec.name, state, since, restarts: this.restarts, reason });
  }
}

const GIVEN_UP = -1;

/** Wait for `ms` milliseconds, or until the signal aborts. */
function pauseUnless(over: AbortSignal, ms: number): Promise<void> {
  return sleep(ms, undefined, { signal: over }).catch(() => undefined);
}

function describeExit({ code, signal }: ProcessExit): string {
  if (signal !== null) return `was ended by ${signal}`;
  return code === null
    ? 'ended because its parent, the guard process, was killed'
    : `ended with exit code ${code}`;
}

/** The last line of a log that names an error; without such a line, the last line. */
function mostTelling(lines: readonly string[]): string {
  return lines.findLast((line) => /\b(error|fatal|panic)\b/i.test(line)) ?? lines.at(-1) ?? '';
}

/** Replace all digits, because a repeated failure differs from the one before only in times and process ids. */
function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, '0');
}
