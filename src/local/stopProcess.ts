import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf, isRunning, type ProcessIdentity } from './processIdentity.js';

/** One signal that asks a process to end, and the time in milliseconds before the next, harder signal. */
export interface StopStep {
  signal: NodeJS.Signals;
  graceMs: number;
}

/** The time that each step gets after somebody pressed Ctrl-C a second time. */
const HURRIED_GRACE_MS = 2_000;
const LOOK_EVERY_MS = 20;
/** A killed process can remain in the kernel while the disk is busy. No harder signal exists. */
const KILLED_GRACE_MS = 10_000;

/**
 * Stop a process: send each step's signal in turn until the process has ended, and at last SIGKILL to its process group
 * and all descendants. Does nothing if the process has already ended. Never signals another process that got its pid.
 *
 * @throws Error when the process belongs to another user, or still exists after SIGKILL
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
  // Supervised processes lead process groups, so that SIGKILL reaches their children too. But Postgres' children lead
  // sessions of their own. If such children are frozen, they hold Postgres' shared memory and the next server can't
  // start. Descendants are listed first, because children that outlive their parent can't be found through it any more.
  const descendants = descendantsOf(identity.pid);
  send(identity, -identity.pid, 'SIGKILL');
  send(identity, identity.pid, 'SIGKILL');
  for (const descendant of descendants) send(descendant, descendant.pid, 'SIGKILL');
  if (await isGone(identity, KILLED_GRACE_MS, () => false)) return;
  throw new Error(
    `Process ${identity.pid} did not end after SIGKILL, usually because a disk does not respond. ` +
      `Check it with "ps -fp ${identity.pid}", then start again.`,
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
