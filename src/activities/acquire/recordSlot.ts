import { activityInfo } from '@temporalio/activity';
import { dayOf } from '../../domain/day.js';
import type { Outcome } from '../../domain/outcome.js';
import type { Slot } from '../../domain/slot.js';
import { putSlotRun } from '../../stores/slotRuns.js';
import type { AcquireDeps } from './deps.js';

/** Store the outcome of every feed in a slot. */
export async function recordSlot(
  { raw, timeZone, now }: Pick<AcquireDeps, 'raw' | 'timeZone' | 'now'>,
  { slot, outcomes }: { slot: Slot; outcomes: Outcome[] },
): Promise<void> {
  const { workflowExecution } = activityInfo();
  await putSlotRun(raw, dayOf(slot, timeZone), slot, {
    workflow_id: workflowExecution?.workflowId ?? '',
    run_id: workflowExecution?.runId ?? '',
    recorded_at: new Date(now()).toISOString(),
    outcomes,
  });
}
