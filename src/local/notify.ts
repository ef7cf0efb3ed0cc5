import { execFile } from 'node:child_process';

/**
 * Tells systemd how a service is, by its protocol sd_notify(3): a unit of `Type=notify` is started once it said that it
 * is ready, and restarted where its watchdog is not told in time. Without systemd, all of it does nothing.
 *
 * Node has no datagram sockets of Unix, so systemd's own program `systemd-notify` sends the messages. They come from
 * its process, which the unit must allow with `NotifyAccess=all`; systemd 246 or later waits for it.
 */
export interface Notifier {
  /** Whether a service manager listens. */
  readonly isListening: boolean;
  /** The service is up: the unit counts as started. */
  ready(status: string): void;
  /** One line for `systemctl status`. */
  status(text: string): void;
  /** The service is ending; no watchdog is told any more. */
  stopping(status: string): void;
  /**
   * From now on tells the watchdog at half of its interval, as long as `isAlive` says so. Nothing is told where the
   * unit has no watchdog, or means another process.
   */
  watchdog(isAlive: () => boolean): void;
  /** Starting or stopping may take so long from now on, in milliseconds. */
  extendTimeout(ms: number): void;
  /** Ends the watchdog and waits until everything has been sent. */
  close(): Promise<void>;
}

/** How long one message may take: systemd confirms that it has read it. */
const SEND_TIMEOUT_MS = 10_000;
/** A status with more is cut. */
const LONGEST_STATUS = 300;

/**
 * Makes a notifier of the service manager that an environment names. Takes its variables out of the environment: what
 * this process starts is not to speak for it, as Postgres would.
 *
 * @param onProblem gets one line where messages can't be sent, once
 * @example
 * const notifier = createNotifier(process.env, console.error);
 * notifier.ready('polls 38 feeds every 10 min');
 * notifier.watchdog(() => true);
 */
export function createNotifier(env: NodeJS.ProcessEnv, onProblem: (line: string) => void): Notifier {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env;
  delete env.NOTIFY_SOCKET;
  delete env.WATCHDOG_USEC;
  delete env.WATCHDOG_PID;
  if (socket === undefined || socket === '') return SILENT;
  const isWatched = pid === undefined || pid === String(process.pid);
  const watchdogMs = isWatched && usec !== undefined && /^\d+$/.test(usec) ? Number(usec) / 1000 : null;
  return new SystemdNotifier(socket, watchdogMs === 0 ? null : watchdogMs, env.PATH, onProblem);
}

const SILENT: Notifier = {
  isListening: false,
  ready: () => undefined,
  status: () => undefined,
  stopping: () => undefined,
  watchdog: () => undefined,
  extendTimeout: () => undefined,
  close: () => Promise.resolve(),
};

class SystemdNotifier implements Notifier {
  readonly isListening = true;
  /** Messages are sent one after the other: their order means something. */
  private last: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private beats = 0;
  private hasComplained = false;

  constructor(
    private readonly socket: string,
    private readonly watchdogMs: number | null,
    private readonly path: string | undefined,
    private readonly onProblem: (line: string) => void,
  ) {}

  ready(status: string): void {
    void this.send(['READY=1', statusOf(status)]);
  }

  status(text: string): void {
    void this.send([statusOf(text)]);
  }

  stopping(status: string): void {
    clearInterval(this.timer);
    void this.send(['STOPPING=1', statusOf(status)]);
  }

  watchdog(isAlive: () => boolean): void {
    if (this.watchdogMs === null) return;
    clearInterval(this.timer);
    const beat = () => {
      // One that is still on its way says the same.
      if (this.beats > 0 || !isAlive()) return;
      this.beats++;
      void this.send(['WATCHDOG=1']).finally(() => this.beats--);
    };
    beat();
    this.timer = setInterval(beat, this.watchdogMs / 2);
    this.timer.unref();
  }

  extendTimeout(ms: number): void {
    void this.send([`EXTEND_TIMEOUT_USEC=${Math.round(ms * 1000)}`]);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.last;
  }

  private send(assignments: string[]): Promise<void> {
    this.last = this.last.then(() => this.spawn(assignments));
    return this.last;
  }

  private spawn(assignments: string[]): Promise<void> {
    const env = { NOTIFY_SOCKET: this.socket, PATH: this.path ?? '/usr/bin:/bin' };
    return new Promise((resolve) => {
      execFile('systemd-notify', assignments, { env, timeout: SEND_TIMEOUT_MS }, (error, _out, stderr) => {
        if (error) this.complain(stderr.trim() || error.message);
        resolve();
      });
    });
  }

  private complain(reason: string): void {
    if (this.hasComplained) return;
    this.hasComplained = true;
    const line = reason.replaceAll(/\s+/g, ' ');
    this.onProblem(`systemd can't be told how this service is (systemd-notify): ${line}`);
  }
}

function statusOf(text: string): string {
  return `STATUS=${text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_STATUS)}`;
}
