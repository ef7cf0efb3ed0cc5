import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusFinding } from '../../domain/statusFindings.js';
import { isRedshift } from '../../domain/warehouseAddress.js';
import type { Context } from '../context/context.js';
import { type Status, StatusReader } from '../status/reader.js';

const LOOK_EVERY_MS = 60_000;
/** Interval at which a lasting finding is reported again. */
const REPORT_AGAIN_AFTER_MS = 24 * 3_600_000;
/** Findings that the supervisor itself reports at once. */
const TOLD_BY_SUPERVISOR: ReadonlySet<string> = new Set(['starting', 'part_down', 'part_restarted']);

/** Reports findings to `onMessage`: each one once a day as long as it lasts, and once when it is over. */
export class FindingReporter {
  private readonly told = new Map<string, { text: string; atMs: number }>();

  constructor(private readonly onMessage: (line: string) => void) {}

  /** Process all findings of one status. */
  take(findings: readonly StatusFinding[], nowMs: number): void {
    const mine = findings.filter(({ id }) => !TOLD_BY_SUPERVISOR.has(id));
    for (const { id, subject, severity, text, advice } of mine) {
      const key = keyOf({ id, subject });
      const earlier = this.told.get(key);
      if (earlier && nowMs - earlier.atMs < REPORT_AGAIN_AFTER_MS) continue;
      this.told.set(key, { text, atMs: nowMs });
      this.onMessage(`${severity.toUpperCase()}: ${text} ${advice}`);
    }
    const lasting = new Set(mine.map(keyOf));
    for (const [key, { text }] of [...this.told]) {
      if (lasting.has(key)) continue;
      this.told.delete(key);
      this.onMessage(`OVER: ${text}`);
    }
  }
}

/**
 * Read the status of a running installation every minute, and report its findings, such as an overdue slot, a failed
 * load or a full disk. Never throws. Resolves when the signal aborts.
 *
 * @param onStatus called with each status
 */
export async function watchStatus(
  context: Context,
  onMessage: (line: string) => void,
  signal: AbortSignal,
  onStatus: (status: Status) => void = () => undefined,
): Promise<void> {
  // Redshift is not queried, because a query would wake it and cost money.
  const withWarehouse = !isRedshift(context.config.warehouse.url ?? '');
  const reader = new StatusReader(context, { withWarehouse });
  const reporter = new FindingReporter(onMessage);
  const pause = () =>
    sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).then(
      () => true,
      () => false,
    );
  while (await pause()) {
    const status = await reader.read();
    reporter.take(status.findings, Date.now());
    onStatus(status);
  }
}

function keyOf({ id, subject }: Pick<StatusFinding, 'id' | 'subject'>): string {
  return `${id} ${subject ?? ''}`;
}
