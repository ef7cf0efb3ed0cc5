import { removeLoad, removeStaleLoads } from '../../stores/flat.js';
import type { Load, Publication } from '../../warehouse/warehouse.js';
import { verifyInventory } from '../inventory.js';
import { leftInventories } from '../lost.js';
import { refusing } from '../refusing.js';
import type { LoadDeps } from './deps.js';

/**
 * Age in milliseconds at which flat files of an unfinished load are removed, such as a load whose workflow was
 * terminated.
 */
const STALE_LOAD_MS = 24 * 3_600_000;

/**
 * Check the staging tables of a load: its ledger, its facts and the quality rules.
 *
 * @throws ApplicationFailure of type `LoadRefused` when a check fails, or `LoadOutdated` when the staging tables are
 * gone
 */
export async function checkLoad(
  { warehouse, refusesSevere, timeZone }: Pick<LoadDeps, 'warehouse' | 'refusesSevere' | 'timeZone'>,
  load: Load,
): Promise<void> {
  return refusing(() => warehouse.check(load, { refusesSevere, timeZone }));
}

/** Publish the load, unless raw has changed since the load was cleaned. */
export async function publishLoad(
  deps: Pick<
    LoadDeps,
    | 'raw'
    | 'flat'
    | 'warehouse'
    | 'takeInventories'
    | 'timeZone'
    | 'bridgedSlots'
    | 'refusesSevere'
    | 'now'
    | 'onPublished'
  >,
  { reason, ...load }: Load & { reason: string },
): Promise<Publication> {
  const { flat, warehouse, timeZone, bridgedSlots, refusesSevere } = deps;
  const verify = () => verifyInventory(deps, load);
  const publication = await refusing(() =>
    warehouse.publish(load, { timeZone, bridgedSlots, refusesSevere, reason, verify }),
  );
  await removeStaleLoads(flat, load.day, load.run, deps.now() - STALE_LOAD_MS);
  deps.onPublished();
  return publication;
}

/**
 * Copy a day of a rebuild from the published warehouse, check and publish it, because its answers are gone from raw.
 */
export async function bringOver(
  deps: Pick<LoadDeps, 'raw' | 'warehouse' | 'timeZone' | 'bridgedSlots'>,
  { reason, ...load }: Load & { reason: string },
): Promise<Publication> {
  const { warehouse, timeZone, bridgedSlots } = deps;
  const verify = () => leftInventories(deps, load.day);
  return refusing(async () => {
    await warehouse.open(load);
    await warehouse.bringOver(load);
    // Severe violations of quality rules do not stop this load, because readers have the day already.
    const options = { refusesSevere: false, timeZone };
    await warehouse.check(load, options);
    return warehouse.publish(load, { ...options, bridgedSlots, reason, verify });
  });
}

/** Remove the staging tables and flat files of a load that failed. */
export async function discardLoad(
  { flat, warehouse }: Pick<LoadDeps, 'flat' | 'warehouse'>,
  load: Load,
): Promise<void> {
  await warehouse.discard(load);
  await removeLoad(flat, load.day, load.run);
}
