import { planSlot } from './acquire/planSlot.js';
import { pollFeed } from './acquire/pollFeed.js';
import { recordSlot } from './acquire/recordSlot.js';
import { archiveDay, planArchive } from './archive.js';
import { keepCurrent } from './keepCurrent.js';
import { cleanChunk, leaveOut } from './load/clean.js';
import { compareFeeds, copyChunk, coverDay } from './load/copy.js';
import { openLoad } from './load/open.js';
import { planLoad } from './load/plan.js';
import { bringOver, checkLoad, discardLoad, publishLoad } from './load/publish.js';
import {
  beginRebuild,
  discardRebuild,
  dropReplaced,
  exchangeWarehouses,
  notRecreated,
  restoreCurrent,
} from './rebuild.js';
import { planRecent } from './recent.js';
import { planReloads } from './reload/planReloads.js';
import { planSealing, sealFeeds, sealRuns } from './seal.js';

/**
 * Activities of each task queue. The first parameter of an activity is its dependencies. Temporal and the workflows
 * know the activity by its name here, without that parameter. Recorded histories contain these names: under a new name,
 * it is another activity.
 */
export const ACTIVITIES = {
  acquire: { planSlot, pollFeed, recordSlot },
  current: { keepCurrent },
  load: {
    planLoad,
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
    planRecent,
    planReloads,
    planSealing,
    sealFeeds,
    sealRuns,
    planArchive,
    archiveDay,
    beginRebuild,
    restoreCurrent,
    exchangeWarehouses,
    notRecreated,
    discardRebuild,
    dropReplaced,
  },
};

/** Activities as workers and workflows call them, with their dependencies bound. */
export type Bound<Table> = {
  [Name in keyof Table]: Table[Name] extends (deps: never, ...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never;
};

export type AcquireActivities = Bound<typeof ACTIVITIES.acquire>;
export type CurrentActivities = Bound<typeof ACTIVITIES.current>;
export type LoadActivities = Bound<typeof ACTIVITIES.load>;
