import { watchNpm } from './npmParent.js';

/** What the signals of this process mean for the components that it runs. */
export interface ShutdownSignals {
  /** Aborts at the first signal: stop everything in order. */
  readonly stop: AbortSignal;
  /** Aborts at a later signal: stop everything soon. */
  readonly hurry: AbortSignal;
  /** Restore the default handling of the signals. */
  dispose(): void;
}

/** The reason why work ended early: a signal, such as from Ctrl-C. `exitCode` is the code that shells expect. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly exitCode: number;
  constructor(signal: ShutdownSignal, by: string = signal) {
    super(`Interrupted by ${by}.`);
    this.exitCode = 128 + SIGNAL_NUMBER[signal];
  }
}

const SIGNAL_NUMBER = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type ShutdownSignal = keyof typeof SIGNAL_NUMBER;

/**
 * Signals within this time count as one. Under npm, one Ctrl-C arrives twice: from the terminal, and passed on by npm.
 */
const SAME_PRESS_MS = 500;

export interface ShutdownOptions {
  /**
   * Whether the process continues after SIGHUP (a closed terminal). A service runs for years, and the user who started
   * it may log out. Default: false.
   */
  survivesHangup?: boolean;
}

/**
 * Catch SIGINT (Ctrl-C), SIGTERM and SIGHUP (a closed terminal) of this process, and notice the end of an npm or npx
 * that runs it. The reason of both abort signals is an {@link Interrupted}.
 *
 * Under `nohup`, SIGHUP is ignored, but Node restores its default action. Therefore only a handler can survive it.
 *
 * @example
 * const signals = catchShutdownSignals();
 * const supervisor = await startSupervisor({ …, signal: signals.stop, hurry: signals.hurry });
 * await supervisor.stopped;
 */
export function catchShutdownSignals({ survivesHangup = false }: ShutdownOptions = {}): ShutdownSignals {
  const stop = new AbortController();
  const hurry = new AbortController();
  let firstAt = 0;
  const end = (reason: Interrupted) => {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      stop.abort(reason);
    } else if (performance.now() - firstAt > SAME_PRESS_MS) hurry.abort(reason);
  };
  const onSignal = (signal: ShutdownSignal) => end(new Interrupted(signal));
  const unwatch = watchNpm(() => end(new Interrupted('SIGTERM', 'the end of npm, which ran it')));
  // The closed terminal ends npm too. That end must not stop this process either.
  const onHangup = survivesHangup ? unwatch : onSignal;
  const handlers = { SIGINT: onSignal, SIGTERM: onSignal, SIGHUP: onHangup } as const;
  const names = Object.keys(handlers) as ShutdownSignal[];
  for (const name of names) process.on(name, handlers[name]);
  const dispose = () => {
    unwatch();
    for (const name of names) process.off(name, handlers[name]);
  };
  return { stop: stop.signal, hurry: hurry.signal, dispose };
}
