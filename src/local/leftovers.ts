import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './processIdentity.js';
import {
  inStopOrder,
  readLedgers,
  removeLedger,
  type LedgerEntry,
  type ProcessLedger,
} from './processLedger.js';
import { stopProcess } from './stopProcess.js';

const LOOK_EVERY_MS = 50;
/** Time that a guard may need in addition to the time that its processes get to stop. */
const GUARD_MARGIN_MS = 10_000;

/**
 * Stop the processes that an earlier run left behind. If a guard still runs, it is awaited, because it stops its
 * processes in order. If the guard does not finish, or has died too, the processes in its ledger are stopped from here.
 *
 * Precondition: this process owns the home. The processes of another owner are no leftovers.
 */
export async function stopLeftovers(
  home: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const ledger of readLedgers(home)) {
    if (!isRunning(ledger.guard)) continue;
    onProgress('Waiting until the processes of an earlier run have stopped …');
    await waitForGuard(ledger, signal);
  }
  // Read the ledgers again, because the guards may have changed them in the meantime.
  const ledgers = readLedgers(home);
  const leftovers = ledgers.flatMap(({ processes }) => processes).filter(isRunning);
  if (leftovers.length > 0) {
    onProgress(`Stopping what an earlier run left behind: ${leftovers.map(({ name }) => name).join(', ')} …`);
  }
  for (const group of inStopOrder(leftovers)) {
    await Promise.all(group.map((entry) => stopProcess(entry, entry.stopSteps)));
  }
  for (const { guard } of ledgers) removeLedger(home, guard);
}

async function waitForGuard(ledger: ProcessLedger, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + totalGraceMs(ledger.processes) + GUARD_MARGIN_MS;
  while (isRunning(ledger.guard)) {
    if (Date.now() > deadline) await stopProcess(ledger.guard, []);
    else await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

function totalGraceMs(processes: readonly LedgerEntry[]): number {
  return processes.flatMap(({ stopSteps }) => stopSteps).reduce((sum, { graceMs }) => sum + graceMs, 0);
}
