import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { DateTime } from 'luxon';
import { parseSlot } from '../../domain/slot.js';
import { describeFailure } from '../../temporal/client.js';
import type { AcquireSlotResult } from '../../workflows/acquireSlot.js';
import type { LoadDayResult } from '../../workflows/loadOnce.js';

const LOOK_EVERY_MS = 2_000;
/** Maximum delay after the end of a workflow run until Temporal's visibility store lists the end. */
const LAG_MS = 60_000;

/**
 * Yield a line for people about each slot run and load that ends from now on, until the signal aborts.
 * Each workflow run is reported once. Runs that end while Temporal does not respond are reported afterwards.
 *
 * @param timeZone time zone of the instants in the lines
 */
export async function* completedRuns(
  client: Client,
  timeZone: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let sinceMs = Date.now();
  let told = new Set<string>();
  while (!signal.aborted) {
    const lookedMs = Date.now();
    const closed = await closedSince(client, sinceMs).catch(() => null);
    for (const run of closed ?? []) {
      if (!told.has(run.runId)) yield await describeRun(client, run, timeZone);
    }
    if (closed) {
      told = new Set(closed.map(({ runId }) => runId));
      sinceMs = Math.max(sinceMs, lookedMs - LAG_MS);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function closedSince(client: Client, sinceMs: number): Promise<WorkflowExecutionInfo[]> {
  const query = `WorkflowType IN ("acquireSlot", "loadDay") AND CloseTime > "${new Date(sinceMs).toISOString()}"`;
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query })) runs.push(run);
  return runs.sort((a, b) => Number(a.closeTime) - Number(b.closeTime));
}

async function describeRun(client: Client, run: WorkflowExecutionInfo, timeZone: string): Promise<string> {
  try {
    const result: unknown = await client.workflow.getHandle(run.workflowId, run.runId).result();
    return run.type === 'acquireSlot'
      ? describeSlot(result as AcquireSlotResult, timeZone)
      : describeLoad(result as LoadDayResult);
  } catch (error) {
    return `${run.workflowId} did not succeed: ${describeFailure(error)}`;
  }
}

/**
 * Describe the result of a slot for people.
 *
 * @example '12:10  36 of 38 feeds stored; koeln: http_500, bonn: timeout'
 */
function describeSlot(
  { slot, stored, failed, missed, notStored }: AcquireSlotResult,
  timeZone: string,
): string {
  const local = DateTime.fromMillis(parseSlot(slot), { zone: timeZone }).toFormat('HH:mm');
  const reasons = Object.entries(notStored).map(([feed, reason]) => `${feed}: ${reason}`);
  const counts = `${local}  ${stored} of ${stored + failed + missed} feeds stored`;
  return reasons.length === 0 ? counts : `${counts}; ${reasons.join(', ')}`;
}

function describeLoad({ day, revision, polls, chargingPointFacts, connectorFacts }: LoadDayResult): string {
  const facts = (chargingPointFacts + connectorFacts).toLocaleString('en');
  return `${day} loaded: ${facts} facts of ${polls} polls, revision ${revision}`;
}
