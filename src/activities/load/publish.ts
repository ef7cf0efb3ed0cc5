import { removeLoad, removeStaleLoads } from '../../stores/flat.js';
import type { Load, Publication } from '../../warehouse/warehouse.js';
import { verifyInventory } from '../inventory.js';
import { leftInventories } from '../lost.js';
import { refusing } from '../refusing.js';
import type { LoadDeps } from './deps.js';

/** Flat files of a load that did not end (its workflow was terminated) go when they are this old. */
const STALE_LOAD_MS = 24 * 3_600_000;

/** Indexes the staging tables of a load and verifies its promises. */
export async function checkLoad(
  { warehouse, refusesSevere }: Pick<LoadDeps, 'warehouse' | 'refusesSevere'>,
  load: Load,
): Promise<void> {
  return refusing(() => warehouse.check(load, { refusesSevere }));
}

/** Publishes the load, unless raw has changed since the load was cleaned. */
export async function publishLoad(
  deps: Pick<
    LoadDeps,
    'raw' | 'flat' | 'warehouse' | 'takeInventories' | 'timeZone' | 'bridgedSlots' | 'now' | 'onPublished'
  >,
  { reason, ...load }: Load & { reason: string },
): Promise<Publication> {
  const { flat, warehouse, timeZone, bridgedSlots } = deps;
  const verify = () => verifyInventory(deps, load);
  const publication = await refusing(() =>
    warehouse.publish(load, { timeZone, bridgedSlots, reason, verify }),
  );
  await removeStaleLoads(flat, load.day, load.run, deps.now() - STALE_LOAD_MS);
  deps.onPublished();
  return publication;
}

/** Fills a load of a rebuild from the published warehouse, checks and publishes it: its answers are gone from raw. */
export async function bringOver(
  deps: Pick<LoadDeps, 'raw' | 'warehouse' | 'timeZone' | 'bridgedSlots'>,
  { reason, ...load }: Load & { reason: string },
): Promise<Publication> {
  const { warehouse, timeZone, bridgedSlots } = deps;
  const verify = () => leftInventories(deps, load.day);
  return refusing(async () => {
    await warehouse.open(load);
    await warehouse.bringOver(load);
    // Readers have the day already, whatever its quality.
    await warehouse.check(load, { refusesSevere: false });
    return warehouse.publish(load, { timeZone, bridgedSlots, reason, verify });
  });
}

/** Removes what a load that failed has left. */
export async function discardLoad(
  { flat, warehouse }: Pick<LoadDeps, 'flat' | 'warehouse'>,
  load: Load,
): Promise<void> {
  await warehouse.discard(load);
  await removeLoad(flat, load.day, load.run);
}
