import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { addDays, type Day, dayOf, daysBetween } from '../../domain/day.js';
import { listArrivals } from '../../stores/arrivals.js';
import { awaitRebuild, type AwaitRebuildDeps } from '../awaitRebuild.js';
import { type StateDeps, stateToLoad } from './stateToLoad.js';

/** Days in one run; the next run takes further days. */
const DAYS_A_RUN = 100;
/** Days longer ago are long past. */
const RECENT_DAYS = 7;
/** Days before today whose slot runs are looked at. */
const DAYS_BACK = 8;
/** What was sealed so long ago is known to be loaded, unless it stands beside another sealed object. */
const SEALED_LATELY_MS = 48 * 3_600_000;

/** How a run ended that never came to its own end: the same load may be tried again. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/** What the activity of the workflow `reloadChanged` depends on. */
export interface ReloadDeps extends AwaitRebuildDeps, Omit<StateDeps, 'compared'> {
  /** What the latest call has compared, by day and feed: a worker's memory, which spares the next call the same work. */
  latest: { compared: ReadonlyMap<string, string> };
}

/** A day to be loaded again. */
export interface ChangedDay {
  day: Day;
  /** Of the load. It names what raw holds of the day: other answers are another load. */
  workflowId: string;
  /** Whether the day is older than a week: its load comes behind those of newer days. */
  isLongPast: boolean;
}

/**
 * Returns the days that are over and published, but of other answers than raw has now, the newest first. A day of the last
 * week that was polled and never published as a whole is one of them: its load has failed. Left alone are archived days,
 * days without slot runs that were never loaded, and days whose load of these very answers is under way or has failed.
 * Waits until a warehouse of an earlier version is rebuilt.
 */
export async function planReloads(deps: ReloadDeps): Promise<ChangedDay[]> {
  const { raw, warehouse, timeZone, now, latest } = deps;
  await awaitRebuild(deps);
  const nowMs = now();
  const today = dayOf(nowMs, timeZone);
  const recordsFrom = addDays(today, -DAYS_BACK);
  const wanted = new Set([
    ...(await warehouse.publishedDays()).filter((day) => day < today),
    ...daysBetween(recordsFrom, addDays(today, -1)),
  ]);
  const arrivals = await listArrivals(raw, {
    isWanted: (day) => wanted.has(day),
    recordsFrom,
    sealedFromMs: nowMs - SEALED_LATELY_MS,
  });
  const { compared } = latest;
  const seen = new Map<string, string>();
  const changed: ChangedDay[] = [];
  for (const [day, arrived] of [...arrivals].sort(([a], [b]) => (a > b ? -1 : 1))) {
    if (changed.length === DAYS_A_RUN) break;
    const state = await stateToLoad({ raw, warehouse, timeZone, now, compared }, { day, arrived, seen });
    if (state === null) continue;
    const workflowId = `reload-${day}-${state}`;
    const isLongPast = day < addDays(today, -RECENT_DAYS);
    if (await mayStart(workflowId)) changed.push({ day, workflowId, isLongPast });
  }
  latest.compared = seen;
  return changed;
}

/** Whether a load was never begun, or was broken off. One that failed would fail again. */
async function mayStart(workflowId: string): Promise<boolean> {
  try {
    const { status } = await getClient().workflow.getHandle(workflowId).describe();
    return BROKEN_OFF.has(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
