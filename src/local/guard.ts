/**
 * The guard: a small separate process between the supervisor and all processes that are started for a home. The guard
 * is the parent of those processes. It stops them when the supervisor asks for it, and when the supervisor dies by
 * any signal, also SIGKILL. Therefore no process continues without the supervisor.
 *
 * The guard leads a session of its own, and so does each process that it starts. A Ctrl-C in a terminal therefore
 * reaches the supervisor only.
 *
 * Started by {@link file://./guardClient.ts} as `node guard.js <home>`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { GuardReport, GuardRequest, ProcessSpec } from './guardProtocol.js';
import { openLog } from './logFile.js';
import { rotateLogs } from './logRotation.js';
import { ownIdentity, startTimeOf } from './processIdentity.js';
import { inStopOrder, removeLedger, writeLedger, type LedgerEntry } from './processLedger.js';
import { stopProcess } from './stopProcess.js';

const home = process.argv[2] ?? '';
const guard = ownIdentity();
const running = new Map<string, LedgerEntry>();
let hurried = false;
let shutdown: Promise<void> | undefined;

function start(spec: ProcessSpec): void {
  if (shutdown) {
    report({ type: 'notSpawned', name: spec.name, reason: 'everything is being stopped' });
    return;
  }
  let log: number | undefined;
  try {
    log = openLog(spec.logFile);
    const { command, args, cwd, env, user } = spec;
    const child = spawn(command, args, { cwd, env, ...user, stdio: ['ignore', log, log], detached: true });
    watch(spec, child);
  } catch (error) {
    report({ type: 'notSpawned', name: spec.name, reason: String(error) });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

function watch(spec: ProcessSpec, child: ChildProcess): void {
  const { name, stopSteps, stopOrder } = spec;
  const { pid } = child;
  child.on('error', (error) => {
    if (pid === undefined) report({ type: 'notSpawned', name, reason: error.message });
  });
  if (pid === undefined) return;
  child.on('exit', (code, signal) => {
    running.delete(name);
    saveLedger();
    report({ type: 'exited', name, pid, exit: { code, signal } });
  });
  // A process that has already ended has no start time. Its `exit` event follows.
  running.set(name, { pid, startTime: startTimeOf(pid) ?? 'ended', name, stopSteps, stopOrder });
  saveLedger();
  report({ type: 'spawned', name, pid });
}

async function stopAll(): Promise<void> {
  for (const group of inStopOrder([...running.values()])) {
    await Promise.all(group.map(stop));
  }
  removeLedger(home, guard);
  process.exit(0);
}

async function stop(entry: LedgerEntry): Promise<void> {
  try {
    await stopProcess(entry, entry.stopSteps, () => hurried);
  } catch (error) {
    complain(error);
  }
}

function saveLedger(): void {
  try {
    writeLedger(home, { guard, processes: [...running.values()] });
  } catch (error) {
    complain(error); // the home may have been removed; its processes are stopped all the same
  }
}

function report(message: GuardReport): void {
  if (process.connected) process.send?.(message);
}

function complain(error: unknown): void {
  process.stderr.write(
    `${new Date().toISOString()} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
}

function beginShutdown(): void {
  shutdown ??= stopAll();
}

function onRequest(request: GuardRequest): void {
  switch (request.type) {
    case 'spawn':
      start(request.spec);
      break;
    case 'stop': {
      const entry = running.get(request.name);
      if (entry) void stop(entry);
      break;
    }
    case 'kill': {
      const entry = running.get(request.name);
      if (entry) void stop({ ...entry, stopSteps: [] });
      break;
    }
    case 'ping':
      report({ type: 'pong' });
      break;
    case 'hurry':
      hurried = true;
      break;
    case 'shutdown':
      beginShutdown();
      break;
  }
}

// The guard must outlive the processes that it guards, and ignores these signals. A terminal or systemd that signals
// all processes at once means the supervisor; the guard acts when the supervisor ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPIPE'] as const)
  process.on(signal, () => undefined);
// Ignore errors of stderr. If the disk of the log is full, a message about the error would cause the next error.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', complain);
process.on('unhandledRejection', complain);
process.on('message', onRequest);
process.on('disconnect', beginShutdown);
process.title = `ladepuls guard ${home}`;
saveLedger();
void rotateLogs(home, complain);
report({ type: 'ready' });
// The supervisor may have died before the listener was added.
if (!process.connected) beginShutdown();
