import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard, GuardedProcess } from './guardClient.js';
import type { ProcessExit, ProcessSpec } from './guardProtocol.js';
import { lastLines, logSize } from './logFile.js';
import { type Liveness, waitUntilHung } from './liveness.js';
import type { ComponentState } from './componentState.js';
import { oneLine } from '../domain/oneLine.js';
import { pauseMs, RepeatedTelling } from './pauses.js';

/** A start of a process: what a readiness probe can tell it by from another server on the same port. */
export interface Launch {
  pid: number;
  /** Length of the log, in bytes, before this start. */
  logOffset: number;
}

export interface SupervisedSpec extends ProcessSpec {
  /** Done before every start, restarts included. */
  beforeStart?: () => Promise<void>;
  /** Whether the process can do its work now. Asked again and again until it says so; an exception means no. */
  isReady: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  /** Whether a process that was ready still does its work; an exception means no. Absent: as long as it runs. */
  isAlive?: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  readyTimeoutMs: number;
  /** So many restarts in succession may fail before it is given up; Infinity for a process that is never given up. */
  maxRestarts: number;
}

/** What a supervised process needs of the one who supervises it. */
export interface Supervision {
  /** The guard that runs now. Waits for a new one where it was killed. */
  guard: () => Promise<Guard>;
  /** Gets one line for people about a failure, a restart, a recovery. */
  tell: (line: string) => void;
  /** Gets the state of the process each time that it changes. */
  onState?: (state: ComponentState) => void;
  /** Ends all restarts. Stopping the process is then the guard's matter. */
  signal: AbortSignal;
  liveness?: Liveness;
}

/** A process that ended by itself, or could not be started or made ready. */
export class ProcessFailed extends Error {
  override name = 'ProcessFailed';
  /** The same in one line, with the last line of the log. */
  readonly shortly: string;

  constructor(message: string, { shortly, cause }: { shortly?: string; cause?: unknown } = {}) {
    super(message, { cause });
    this.shortly = shortly ?? oneLine(message);
  }
}

const LOOK_EVERY_MS = 50;
/** A process that lived that long after it was ready did its work: its next crash is a first one. */
const HEALTHY_AFTER_MS = 60_000;
/** A line for people shows so much of the log's last line. */
const SHOWN_LOG_CHARACTERS = 200;

/** A process that is kept running: started again, after a growing pause, when it ends by itself or hangs. */
export class SupervisedProcess {
  private launched!: Launch & GuardedProcess;
  private hung = false;
  private stopping = false;
  private restarts = 0;
  private fail!: (error: ProcessFailed) => void;
  /** Settles when the process is given up. */
  readonly failed = new Promise<ProcessFailed>((resolve) => (this.fail = resolve));

  private constructor(
    private readonly spec: SupervisedSpec,
    private readonly supervision: Supervision,
  ) {}

  /**
   * Starts a process and waits until it is ready. Once the signal aborts it is not restarted any more; stopping it
   * is then the guard's matter.
   *
   * @throws ProcessFailed where it ends or does not get ready in time; then it does not run any more
   */
  static async start(spec: SupervisedSpec, supervision: Supervision): Promise<SupervisedProcess> {
    const process = new SupervisedProcess(spec, supervision);
    process.launched = await process.launch();
    process.tellState('running', null);
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

  /** Asks until it is ready. An answer that never comes is waited for no longer than the process may take, or lives. */
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
      const what = this.hung ? `hung: it did not answer, and was killed` : describeExit(exit);
      const failure = this.failure(what, this.launched);
      failures = await this.restart(failure, failures);
      if (failures === GIVEN_UP) return;
    }
  }

  /** Starts the process again until it is ready; returns the failures so far, or {@link GIVEN_UP}. */
  private async restart(first: ProcessFailed, earlier: number): Promise<number> {
    const { spec } = this;
    const { signal, tell } = this.supervision;
    const telling = new RepeatedTelling(tell);
    let failure = first;
    for (let failures = earlier; ;) {
      if (failures >= spec.maxRestarts) {
        this.fail(failure);
        return GIVEN_UP;
      }
      const waitMs = pauseMs(++failures);
      this.restarts++;
      this.tellState('restarting', failure.shortly);
      const again =
        failures > earlier + 1 ? 'again and again, at most a minute apart' : `again in ${waitMs / 1000} s`;
      telling.failure(withoutNumbers(failure.shortly), `${failure.shortly} Starting ${spec.name} ${again}.`);
      try {
        await sleep(waitMs, undefined, { signal });
        if (this.isOver()) return GIVEN_UP;
        this.launched = await this.launch();
        this.tellState('running', first.shortly);
        telling.recovery(`${spec.name} runs again.`);
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

  /** Waits for the end of the process, and kills it where it hangs. */
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
    // A hung process hears no other signal.
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

  private tellState(state: ComponentState['state'], reason: string | null): void {
    const since = new Date().toISOString();
    this.supervision.onState?.({ name: this.spec.name, state, since, restarts: this.restarts, reason });
  }
}

const GIVEN_UP = -1;

/** Waits so long, or until the signal aborts. */
function pauseUnless(over: AbortSignal, ms: number): Promise<void> {
  return sleep(ms, undefined, { signal: over }).catch(() => undefined);
}

function describeExit({ code, signal }: ProcessExit): string {
  if (signal !== null) return `was ended by ${signal}`;
  return code === null ? 'was ended together with its guard' : `ended with exit code ${code}`;
}

/** The last line of a log that names an error, else the last one. */
function mostTelling(lines: readonly string[]): string {
  return lines.findLast((line) => /\b(error|fatal|panic)\b/i.test(line)) ?? lines.at(-1) ?? '';
}

/** The same failure again differs from the last one in times and process ids only. */
function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, '0');
}
