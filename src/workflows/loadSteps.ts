import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { LoadActivities } from '../activities/registry.js';

/**
 * The order in which workers take the steps of all loads; 1 is the first. The nearer a step is to its load's end, the
 * sooner it is taken: workers finish the days that are begun before they open others, so that few stand half-built
 * however many loads wait. Days long past come behind all others: last night's must be there in the morning.
 */
const PRIORITIES = {
  recent: { open: 2, clean: 1, copy: 1, publish: 1 },
  backlog: { open: 5, clean: 4, copy: 3, publish: 2 },
} as const;

/** Whether a load is of last night or asked for, or one of many for days long past. */
export type LoadPriority = keyof typeof PRIORITIES;

/** The activities of a load; those of a `backlog` wait for those of all `recent` loads. */
export function loadSteps(load: LoadPriority) {
  const priority = PRIORITIES[load];
  const { planLoad, openLoad } = proxyActivities<LoadActivities>({
    ...step(priority.open, '30 minutes'),
    // A step that comes with its workflow's task would pass by all that wait in the queue.
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
