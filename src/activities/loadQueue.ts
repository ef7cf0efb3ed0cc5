import { type ArchiveDeps, createArchiveActivities } from './archive.js';
import { createLoadActivities, type LoadDeps } from './load.js';
import { createRecentActivities, type RecentDeps } from './recent.js';
import { createRebuildActivities, type RebuildDeps } from './rebuild.js';
import { createReloadActivities, type ReloadDeps } from './reload.js';
import { createSealActivities, type SealDeps } from './seal.js';

export type LoadQueueDeps = LoadDeps & RecentDeps & ReloadDeps & SealDeps & ArchiveDeps & RebuildDeps;

/** All activities of the task queue `load`: those of the workflows `loadDay`, `loadRecent`, `reloadChanged` and `rebuildWarehouse`. */
export function createLoadQueueActivities(deps: LoadQueueDeps) {
  return {
    ...createLoadActivities(deps),
    ...createRecentActivities(deps),
    ...createReloadActivities(deps),
    ...createSealActivities(deps),
    ...createArchiveActivities(deps),
    ...createRebuildActivities(deps),
  };
}
