import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './processIdentity.js';
import type { StopStep } from './stopProcess.js';

/** A process that was started for a home, with all that is needed to stop it. */
export interface LedgerEntry extends ProcessIdentity {
  name: string;
  stopSteps: StopStep[];
  /** Lower ones are stopped first; equal ones together. */
  stopOrder: number;
}

/**
 * Which processes a guard runs for a home: kept on disk by the guard, so that a later start finds what a crash of
 * everything at once left behind.
 */
export interface ProcessLedger {
  guard: ProcessIdentity;
  processes: LedgerEntry[];
}

const LEDGER_NAME = /^processes-\d+\.json$/;

/** Writes a guard's ledger, whole or not at all. */
export function writeLedger(home: string, ledger: ProcessLedger): void {
  const path = ledgerPath(home, ledger.guard);
  const temporary = `${path}.new`;
  writeFileSync(temporary, JSON.stringify(ledger), { mode: 0o600 });
  renameSync(temporary, path);
}

/**
 * The ledgers of a home: one for each guard, since a guard that was started just before its supervisor was killed may
 * meet the next one. A ledger that a power cut spoiled is left out: nothing survived that.
 */
export function readLedgers(home: string): ProcessLedger[] {
  return readdirSync(join(home, 'run'))
    .filter((name) => LEDGER_NAME.test(name))
    .map((name) => readLedger(join(home, 'run', name)))
    .filter((ledger) => ledger !== null);
}

/** Removes a guard's ledger: nothing of it runs any more. */
export function removeLedger(home: string, guard: ProcessIdentity): void {
  rmSync(ledgerPath(home, guard), { force: true });
}

/** The entries in the order in which they are stopped: each group ends before the next one is asked. */
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
