import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeDuration } from '../../domain/duration.js';
import { type HomeOwner, lockHome, readOwner } from '../../local/homeLock.js';
import { stopLeftovers } from '../../local/leftovers.js';
import { commandLineOf, isRunning, type ProcessIdentity } from '../../local/processIdentity.js';
import { type ProcessLedger, readLedgers } from '../../local/processLedger.js';
import { unitOf } from '../../local/systemdUnit.js';
import { CommandFailed, type Context } from '../context/context.js';

export interface StopOptions {
  /** Whole seconds, as text. */
  timeout: string;
  /** Whether to stop a command too, such as an import or a load. */
  command?: boolean;
  now?: boolean;
  json?: boolean;
}

/** Result of `ladepuls stop`, as `--json` prints it. */
interface Stopped {
  home: string;
  /** The process that was stopped; null when nothing ran, or only processes that an earlier run left. */
  stopped: { pid: number; mode: HomeOwner['mode']; since: string } | null;
  /** Names of the component processes that were stopped. */
  parts: string[];
}

const LOOK_EVERY_MS = 100;
const PROGRESS_EVERY_MS = 5_000;
/**
 * Delay before the second signal. A signal within half a second of the first one counts as the same; see
 * {@link file://../../local/shutdownSignals.ts}.
 */
const SECOND_SIGNAL_AFTER_MS = 700;

/** Stop the process that owns the home directory, and wait until it and its components have ended (`ladepuls stop`). */
export async function stop(context: Context, options: StopOptions): Promise<void> {
  const { home } = context.config.general;
  const timeoutMs = readTimeout(options.timeout);
  const sinceMs = Date.now();
  const owner = ownerOf(home);
  if (owner) await checkOwner(owner, home, options);
  const parts = owner ? await stopOwner(context, owner, options, timeoutMs) : await stopRest(context);
  const stopped = owner && { pid: owner.pid, mode: owner.mode, since: owner.since };
  const found: Stopped = { home, stopped, parts };
  const took = describeDuration(Date.now() - sinceMs);
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : `${describe(found, took)}\n`);
}

function ownerOf(home: string): HomeOwner | null {
  try {
    return readOwner(home);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandFailed(
      `The list of processes of ${home} can't be read (${code ?? message}). Run "ladepuls stop" as the owner of this folder.`,
      { cause: error },
    );
  }
}

function readTimeout(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(seconds >= 1 && seconds <= 86_400)) {
    throw new CommandFailed(
      `--timeout is "${text}", but it must be a whole number of seconds from 1 to 86400.`,
    );
  }
  return seconds * 1000;
}

/**
 * Check that this command may stop the owner of the home.
 *
 * @throws CommandFailed when systemd runs the owner, or when the owner is a command and `--command` is not given
 */
async function checkOwner({ pid, mode }: HomeOwner, home: string, options: StopOptions): Promise<void> {
  const unit = await unitOf(pid);
  if (unit) {
    const systemctl = unit.isUser ? 'systemctl --user' : 'systemctl';
    throw new CommandFailed(
      `The systemd unit ${unit.name} runs ${home} (process ${pid}). Stop it with "${systemctl} stop ${unit.name}"; ` +
        `"${systemctl} disable ${unit.name}" prevents systemd from starting it again.`,
    );
  }
  if (mode === 'command' && !options.command) {
    throw new CommandFailed(
      `A command runs on ${home}, and ends by itself: ${commandLineOf(pid) ?? 'unknown'} (process ${pid}). ` +
        'To stop it now, as with Ctrl-C, run "ladepuls stop --command".',
    );
  }
}

/**
 * Signal the owner, and wait until it and all processes that it started have ended.
 *
 * @returns names of the processes that the owner started
 * @throws CommandFailed when processes still run after `timeoutMs`
 */
async function stopOwner(
  { config, signal, progress }: Context,
  owner: HomeOwner,
  options: StopOptions,
  timeoutMs: number,
): Promise<string[]> {
  const { home } = config.general;
  // The owner's guard records the owner's processes in a ledger. Ledgers of ended guards belong to earlier owners.
  const guards = new Map<number, ProcessIdentity>();
  const started = new Set<string>();
  const lookAtGuards = () => {
    if (!isRunning(owner)) return; // a process that starts after the owner's end belongs to another owner
    for (const { guard, processes } of ledgers(home)) {
      if (!isRunning(guard)) continue;
      guards.set(guard.pid, guard);
      for (const { name } of processes) started.add(name);
    }
  };
  lookAtGuards();
  terminate(owner, home);
  if (options.now) {
    await sleep(SECOND_SIGNAL_AFTER_MS, undefined, { signal });
    terminate(owner, home);
  }
  const deadline = Date.now() + timeoutMs;
  let tellAt = Date.now() + PROGRESS_EVERY_MS / 2;
  for (;;) {
    lookAtGuards();
    const remaining = stillRunning(home, owner, guards);
    if (remaining.length === 0) return [...started];
    if (Date.now() >= deadline) throw new CommandFailed(overdue(owner, home, remaining, timeoutMs, options));
    if (Date.now() >= tellAt) {
      progress(`Waiting for ${remaining.join(', ')} to end …`);
      tellAt = Date.now() + PROGRESS_EVERY_MS;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/**
 * Signal the owner, unless it has ended. Its process id may then belong to another process.
 *
 * @throws CommandFailed when the owner belongs to another user
 */
function terminate(owner: HomeOwner, home: string): void {
  if (!isRunning(owner)) return;
  try {
    process.kill(owner.pid, 'SIGTERM');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    if (code !== 'EPERM') throw error;
    throw new CommandFailed(
      `Process ${owner.pid} of another user runs ${home}. Run "ladepuls stop" as that user.`,
      { cause: error },
    );
  }
}

/** List the names of the owner's processes that still run. */
function stillRunning(
  home: string,
  owner: ProcessIdentity,
  guards: ReadonlyMap<number, ProcessIdentity>,
): string[] {
  const current = ledgers(home).filter(({ guard }) => guards.get(guard.pid)?.startTime === guard.startTime);
  const processes = current.flatMap((ledger) => ledger.processes);
  return [
    ...processes.filter(isRunning).map(({ name }) => name),
    ...([...guards.values()].some(isRunning) ? ['the guard'] : []),
    ...(isRunning(owner) ? [`process ${owner.pid}`] : []),
  ];
}

function overdue(
  { pid }: HomeOwner,
  home: string,
  remaining: readonly string[],
  timeoutMs: number,
  { now }: StopOptions,
): string {
  const seconds = timeoutMs / 1000;
  const advice = now
    ? `If process ${pid} does not end, run "kill -9 ${pid}". Its guard process then stops all other processes in order.`
    : 'To wait longer, run "ladepuls stop" again. "ladepuls stop --now" gives each component less time to end.';
  return `After ${seconds} s these processes of ${home} still run: ${remaining.join(', ')}. ${advice}`;
}

/**
 * Stop the processes that a crash left. Only for a home directory without an owner.
 *
 * @returns names of these processes
 */
async function stopRest({ config, signal, progress }: Context): Promise<string[]> {
  const { home } = config.general;
  const left = ledgers(home).flatMap(({ guard, processes }) => [
    ...processes.filter(isRunning).map(({ name }) => name),
    ...(isRunning(guard) ? ['the guard'] : []),
  ]);
  if (left.length === 0) return [];
  const lock = await lockHome(home, 'command', progress, signal);
  try {
    await stopLeftovers(home, progress, signal);
  } finally {
    lock.release();
  }
  return left;
}

function ledgers(home: string): ProcessLedger[] {
  try {
    return readLedgers(home);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // the home was never started
    throw error;
  }
}

function describe({ home, stopped, parts }: Stopped, took: string): string {
  const named = parts.length === 0 ? '' : parts.join(', ');
  if (stopped === null)
    return named === ''
      ? `Nothing runs on ${home}.${demoHint(home)}`
      : `Stopped processes that an earlier run had left running on ${home}: ${named}.`;
  const what = stopped.mode === 'service' ? 'Ladepuls' : 'The command';
  const withParts = named === '' ? '' : `, with ${named}`;
  return `${what} on ${home} was stopped (process ${stopped.pid}${withParts}) within ${took}.`;
}

/** Return a hint when a demo runs. A demo has its own home directory, a folder inside the usual one. */
function demoHint(home: string): string {
  const demo = join(home, 'demo');
  return readOwner(demo)
    ? ` A demo runs on ${demo}: stop it with "LADEPULS_HOME=${demo} ladepuls stop".`
    : '';
}
