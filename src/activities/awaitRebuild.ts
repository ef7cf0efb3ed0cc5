import { ApplicationFailure } from '@temporalio/activity';
import { AWAITS_REBUILD, HOW_TO_REBUILD } from '../domain/awaitsRebuild.js';
import type { Warehouse } from '../warehouse/warehouse.js';

/** Default delay before the next check, in milliseconds. A rebuild takes from minutes to hours. */
const LOOK_AGAIN_MS = 5 * 60_000;

/** Dependencies of {@link awaitRebuild}. */
export interface AwaitRebuildDeps {
  warehouse: Warehouse;
  /** Milliseconds after which a load that waits for a rebuild checks again. Default: 5 minutes. */
  lookAgainMs?: number;
}

/**
 * Fail an activity while the published warehouse awaits its rebuild. Temporal retries this failure without limit, after
 * `lookAgainMs`. The waiting load occupies no slot of a worker, and the Web UI shows the reason beside the activity.
 *
 * @throws ApplicationFailure of type `AwaitsRebuild` while the published warehouse awaits its rebuild
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
