import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { LoadActivities } from '../activities/registry.js';

/**
 * Priorities by which workers take the steps of all loads; 1 is the first. A later step of a load has a higher
 * priority. Therefore workers finish the days that are begun before they open others, and few days are half-built,
 * however many loads wait. Days long past have the lowest priority, because last night's day must be loaded by the
 * morning.
 */
const PRIORITIES = {
  recent: { open: 2, clean: 1, copy: 1, publish: 1 },
  backlog: { open: 5, clean: 4, copy: 3, publish: 2 },
} as const;

/**
 * Kind of a load: `recent` for last night's day or a day that a person asked for, `backlog` for one of many past days.
 */
export type LoadPriority = keyof typeof PRIORITIES;

/** Return the activities of a load. Steps of a `backlog` load wait for the steps of all `recent` loads. */
export function loadSteps(load: LoadPriority) {
  const priority = PRIORITIES[load];
  const { planLoad, openLoad } = proxyActivities<LoadActivities>({
    ...step(priority.open, '30 minutes'),
    // Eager dispatch would start the step together with its workflow's task, ahead of all steps that wait in the queue.
    allowEagerDispatch: false,
  });
  const { planRecent } = proxyActivities<LoadActivities>(step(priority.open, '30 minutes'));
  const { planReloads } = proxyActivities<LoadActivities>(step(priority.open, '1 hour'));
  const { cleanChunk, leaveOut } = proxyActivities<LoadActivities>(step(priority.clean, '1 hour'));
  const { compareFeeds, copyChunk, coverDay } = proxyActivities<LoadActivities>(
    step(priority.copy, '1 hour'),
  );
  const { checkLoad, publishLoad, discardLoad } = proxyActivities<LoadActivities>(
    step(priority.publish, '30 minutes'),
  );
  const { bringOver } = proxyActivities<LoadActivities>(step(priority.copy, '1 hour'));
  const sealing = proxyActivities<LoadActivities>(step(priority.publish, '1 hour'));
  const { planSealing, sealFeeds, sealRuns } = sealing;
  const { planArchive, archiveDay } = proxyActivities<LoadActivities>(step(priority.publish, '1 hour'));
  return {
    planArchive,
    archiveDay,
    planLoad,
    planRecent,
    planReloads,
    openLoad,
    cleanChunk,
    leaveOut,
    compareFeeds,
    copyChunk,
    coverDay,
    checkLoad,
    publishLoad,
    bringOver,
    discardLoad,
    planSealing,
    sealFeeds,
    sealRuns,
  };
}

function step(priorityKey: number, startToCloseTimeout: '30 minutes' | '1 hour'): ActivityOptions {
  return {
    priority: { priorityKey },
    startToCloseTimeout,
    heartbeatTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
}
