/** What the signals that a process gets mean for the system that it runs. */
export interface ShutdownSignals {
  /** Aborts at the first one: stop everything in order. */
  readonly stop: AbortSignal;
  /** Aborts at a later one: stop everything soon. */
  readonly hurry: AbortSignal;
  /** Gives the signals back their usual meaning. */
  dispose(): void;
}

/** Why something ended early: a signal, such as by Ctrl-C. `exitCode` is what shells expect then. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly exitCode: number;
  constructor(signal: ShutdownSignal) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = 128 + SIGNAL_NUMBER[signal];
  }
}

const SIGNAL_NUMBER = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type ShutdownSignal = keyof typeof SIGNAL_NUMBER;

/** One Ctrl-C arrives twice below npm: from the terminal, and passed on by npm. */
const SAME_PRESS_MS = 500;

/**
 * Catches SIGINT (Ctrl-C), SIGTERM and SIGHUP (a closed terminal) of this process. The reason of both abort signals is
 * an {@link Interrupted}.
 *
 * @example
 * const signals = catchShutdownSignals();
 * const supervisor = await startSupervisor({ …, signal: signals.stop, hurry: signals.hurry });
 * await supervisor.stopped;
 */
export function catchShutdownSignals(): ShutdownSignals {
  const stop = new AbortController();
  const hurry = new AbortController();
  let firstAt = 0;
  const onSignal = (signal: ShutdownSignal) => {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      stop.abort(new Interrupted(signal));
    } else if (performance.now() - firstAt > SAME_PRESS_MS) hurry.abort(new Interrupted(signal));
  };
  const names = Object.keys(SIGNAL_NUMBER) as ShutdownSignal[];
  for (const name of names) process.on(name, onSignal);
  const dispose = () => {
    for (const name of names) process.off(name, onSignal);
  };
  return { stop: stop.signal, hurry: hurry.signal, dispose };
}
