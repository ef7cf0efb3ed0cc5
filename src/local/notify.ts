import { execFile } from 'node:child_process';

/**
 * Reports the state of a service to systemd, by the protocol of sd_notify(3). A unit with `Type=notify` counts as
 * started when the service reports that it is ready. Such a unit is restarted when its watchdog gets no message in
 * time. Without systemd, all methods do nothing.
 *
 * Node has no Unix datagram sockets, therefore systemd's program `systemd-notify` sends the messages. The sender is
 * then a child process, which the unit must allow with `NotifyAccess=all`; systemd 246 or later waits for the child.
 */
export interface Notifier {
  /** Whether a service manager listens. */
  readonly isListening: boolean;
  /** Report that the service is up. The unit counts as started from then on. */
  ready(status: string): void;
  /** Set the line that `systemctl status` shows. */
  status(text: string): void;
  /** Report that the service is stopping. Ends the messages to the watchdog. */
  stopping(status: string): void;
  /**
   * Send messages to the watchdog at half of its interval, as long as `isAlive` returns true. Does nothing if the unit
   * has no watchdog, or its watchdog observes another process.
   */
  watchdog(isAlive: () => boolean): void;
  /** Extend the time that starting or stopping may take, counted from now. */
  extendTimeout(ms: number): void;
  /** End the messages to the watchdog and wait until all messages have been sent. */
  close(): Promise<void>;
}

/** Longest time for one message, because systemd confirms that it has read the message. */
const SEND_TIMEOUT_MS = 10_000;
/** Longest status, in characters. A longer one is cut. */
const LONGEST_STATUS = 300;

/**
 * Create a notifier for the service manager that an environment names. Deletes the manager's variables from `env`,
 * because child processes must not report in the name of this one; Postgres would.
 *
 * @param onProblem receives one line, once, when messages can't be sent
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
  /** Messages are sent one after the other, because their order matters. */
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
      // A message that is still being sent has the same content.
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
    this.onProblem(`Status messages can't be sent to systemd (systemd-notify): ${line}`);
  }
}

function statusOf(text: string): string {
  return `STATUS=${text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_STATUS)}`;
}
