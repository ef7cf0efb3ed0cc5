import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './processIdentity.js';
import type { StopStep } from './stopProcess.js';

/** A process that was started for a home, with the information that is needed to stop it. */
export interface LedgerEntry extends ProcessIdentity {
  name: string;
  stopSteps: StopStep[];
  /** Processes with a lower number are stopped first; processes with the same number are stopped together. */
  stopOrder: number;
}

/**
 * The processes that a guard runs for a home. The guard writes them to disk, so that a later start finds the processes
 * that are left after a crash of supervisor and guard.
 */
export interface ProcessLedger {
  guard: ProcessIdentity;
  processes: LedgerEntry[];
}

const LEDGER_NAME = /^processes-\d+\.json$/;

/** Write a guard's ledger atomically. */
export function writeLedger(home: string, ledger: ProcessLedger): void {
  const path = ledgerPath(home, ledger.guard);
  const temporary = `${path}.new`;
  writeFileSync(temporary, JSON.stringify(ledger), { mode: 0o600 });
  renameSync(temporary, path);
}

/**
 * Read the ledgers of a home, one for each guard. There may be several: when a supervisor is killed just after it
 * started its guard, that guard and the next one overlap. A ledger that a power cut spoiled is left out, because no
 * process survived the power cut.
 */
export function readLedgers(home: string): ProcessLedger[] {
  return readdirSync(join(home, 'run'))
    .filter((name) => LEDGER_NAME.test(name))
    .map((name) => readLedger(join(home, 'run', name)))
    .filter((ledger) => ledger !== null);
}

/** Remove a guard's ledger. Precondition: none of its processes runs. */
export function removeLedger(home: string, guard: ProcessIdentity): void {
  rmSync(ledgerPath(home, guard), { force: true });
}

/**
 * Group the entries in the order in which they are stopped. Each group must have ended before the next one is stopped.
 */
export function inStopOrder<T extends { stopOrder: number }>(entries: readonly T[]): T[][] {
  const groups = new Map<number, T[]>();
  for (const entry of entries) groups.set(entry.stopOrder, [...(groups.get(entry.stopOrder) ?? []), entry]);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function readLedger(path: string): ProcessLedger | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessLedger;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function ledgerPath(home: string, guard: ProcessIdentity): string {
  return join(home, 'run', `processes-${guard.pid}.json`);
}
