import { watchNpm } from './npmParent.js';

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
  constructor(signal: ShutdownSignal, by: string = signal) {
    super(`Interrupted by ${by}.`);
    this.exitCode = 128 + SIGNAL_NUMBER[signal];
  }
}

const SIGNAL_NUMBER = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type ShutdownSignal = keyof typeof SIGNAL_NUMBER;

/** One Ctrl-C arrives twice below npm: from the terminal, and passed on by npm. */
const SAME_PRESS_MS = 500;

export interface ShutdownOptions {
  /** Whether a closed terminal (SIGHUP) ends nothing: of what runs for years, whoever started it may log out. */
  survivesHangup?: boolean;
}

/**
 * Catches SIGINT (Ctrl-C), SIGTERM and SIGHUP (a closed terminal) of this process, and notices the end of an npm or npx
 * that runs it. The reason of both abort signals is an {@link Interrupted}.
 *
 * Node gives SIGHUP back its default where `nohup` had it ignored, so that only a handler can survive it.
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
  // npm goes with its terminal too, and that is not meant for this process either.
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
