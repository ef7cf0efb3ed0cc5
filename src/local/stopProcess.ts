import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf, isRunning, type ProcessIdentity } from './processIdentity.js';

/** One way of asking a process to end, and how long it gets before the next, harder one. */
export interface StopStep {
  signal: NodeJS.Signals;
  graceMs: number;
}

/** What a step's grace shrinks to once somebody is in a hurry (a second Ctrl-C). */
const HURRIED_GRACE_MS = 2_000;
const LOOK_EVERY_MS = 20;
/** A killed process can linger in the kernel while the disk is busy; there is nothing harder to send. */
const KILLED_GRACE_MS = 10_000;

/**
 * Ends a process: each step's signal in turn until it is gone, at last SIGKILL to its process group and to all descendants.
 * Does nothing where it is gone already, and never signals another process that got its pid.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  steps: readonly StopStep[],
  isHurried: () => boolean = () => false,
): Promise<void> {
  for (const step of steps) {
    send(identity, identity.pid, step.signal);
    if (await isGone(identity, step.graceMs, isHurried)) return;
  }
  // Supervised processes lead a group of their own, so that their own children go with them. Postgres' children lead sessions
  // of their own; frozen ones would keep its shared memory, and the next server from starting. Children that outlive their
  // parent can't be found by it any more.
  const descendants = descendantsOf(identity.pid);
  send(identity, -identity.pid, 'SIGKILL');
  send(identity, identity.pid, 'SIGKILL');
  for (const descendant of descendants) send(descendant, descendant.pid, 'SIGKILL');
  if (await isGone(identity, KILLED_GRACE_MS, () => false)) return;
  throw new Error(
    `Process ${identity.pid} is still there after SIGKILL: look at it with "ps -fp ${identity.pid}".`,
  );
}

function send(identity: ProcessIdentity, target: number, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new Error(
      `Process ${identity.pid} of an earlier run can't be stopped: it belongs to another user. ` +
        `Stop it as that user with "kill ${identity.pid}", then start again.`,
      { cause: error },
    );
  }
}

async function isGone(
  identity: ProcessIdentity,
  graceMs: number,
  isHurried: () => boolean,
): Promise<boolean> {
  let deadline = Date.now() + graceMs;
  let hurried = false;
  while (isRunning(identity)) {
    if (!hurried && isHurried()) {
      hurried = true;
      deadline = Math.min(deadline, Date.now() + HURRIED_GRACE_MS);
    }
    if (Date.now() >= deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
