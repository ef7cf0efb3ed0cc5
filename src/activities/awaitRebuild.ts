import { ApplicationFailure } from '@temporalio/activity';
import { AWAITS_REBUILD, HOW_TO_REBUILD } from '../domain/awaitsRebuild.js';
import type { Warehouse } from '../warehouse/warehouse.js';

/** A rebuild takes from minutes to hours. */
const LOOK_AGAIN_MS = 5 * 60_000;

export interface AwaitRebuildDeps {
  warehouse: Warehouse;
  /** After so long a load that waits for a rebuild looks again, in milliseconds. Default: 5 minutes. */
  lookAgainMs?: number;
}

/**
 * Makes an activity wait while the published warehouse awaits its rebuild. The failure is one that Temporal tries again
 * for ever, after `lookAgainMs`: it takes no slot of a worker meanwhile, and the Web UI shows the reason beside the activity.
 *
 * @throws ApplicationFailure of type `AwaitsRebuild`
 */
export async function awaitRebuild({
  warehouse,
  lookAgainMs = LOOK_AGAIN_MS,
}: AwaitRebuildDeps): Promise<void> {
  if (!(await warehouse.awaitsRebuild())) return;
  throw ApplicationFailure.create({
    type: 'AwaitsRebuild',
    message: `${AWAITS_REBUILD} ${HOW_TO_REBUILD}`,
    nextRetryDelay: lookAgainMs,
  });
}
