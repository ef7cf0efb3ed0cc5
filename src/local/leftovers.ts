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
/** What a guard may need beyond the graces of what it stops. */
const GUARD_MARGIN_MS = 10_000;

/**
 * Ends whatever an earlier run left behind. A guard that is still at it is waited for, since it stops things in
 * order; only where it does not finish, or died too, are the processes of its ledger stopped from here.
 *
 * Call it as the home's owner only: another owner's processes are no leftovers.
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
  // Read again: the guards may have written on while they were waited for.
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
