import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { addDays, type Day, dayOf, daysBetween } from '../../domain/day.js';
import { listArrivals } from '../../stores/arrivals.js';
import { readCorrections, UnreadableCorrection } from '../../stores/corrections.js';
import { awaitRebuild, type AwaitRebuildDeps } from '../awaitRebuild.js';
import { type StateDeps, stateToLoad } from './stateToLoad.js';
import { wouldLose } from './wouldLose.js';

/** Largest number of days that one workflow run reloads; the next run takes further days. */
const DAYS_A_RUN = 100;
/** Number of days after which a past day counts as long past. */
const RECENT_DAYS = 7;
/** Number of days before today whose slot runs are read. */
const DAYS_BACK = 8;
/**
 * Age in milliseconds above which a sealed object counts as loaded, unless the feed's day has another sealed object.
 */
const SEALED_LATELY_MS = 48 * 3_600_000;

/** Statuses of a workflow run that was stopped from outside. The same load may be tried again. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/** Dependencies of the activity of the workflow `reloadChanged`. */
export interface ReloadDeps extends AwaitRebuildDeps, Omit<StateDeps, 'compared' | 'corrections'> {
  /**
   * Result of the comparisons in the latest call, by day and feed. A worker keeps it in memory, so that the next call
   * need not repeat them.
   */
  latest: { compared: ReadonlyMap<string, string> };
}

/** A day to load again. */
export interface ChangedDay {
  day: Day;
  /**
   * Workflow id of the load. It contains a digest of the day's answers in raw, so that other answers are another load.
   */
  workflowId: string;
  /** Whether the day is older than a week. Its load then comes after the loads of newer days. */
  isLongPast: boolean;
}

/**
 * Return the days to load again, the newest first: past days that were published from other answers than raw has now. A
 * day of the last week that was polled and never published as a whole is included, because its load has failed.
 *
 * A correction of a past day changes the answers that the day is built from. A day with corrections is not included if
 * the load would lose facts that raw can't give back: {@link wouldLose}.
 *
 * Not included are archived days, days without slot runs that were never loaded, and days whose load of the same
 * answers is running or has failed. Waits until a warehouse of an earlier version is rebuilt.
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
  const corrections = await readCorrections(raw);
  const correctionsOf = (feed: string, day: Day) => orNone(() => corrections.touching(feed, day, timeZone));
  const arrivals = await listArrivals(raw, {
    isWanted: (day) => wanted.has(day),
    recordsFrom,
    sealedFromMs: nowMs - SEALED_LATELY_MS,
    correctionsOf,
  });
  const { compared } = latest;
  const seen = new Map<string, string>();
  const changed: ChangedDay[] = [];
  for (const [day, arrived] of [...arrivals].sort(([a], [b]) => (a > b ? -1 : 1))) {
    if (changed.length === DAYS_A_RUN) break;
    const state = await stateToLoad(
      { raw, warehouse, corrections, timeZone, now, compared },
      { day, arrived, seen },
    );
    if (state === null) continue;
    const workflowId = `reload-${day}-${state}`;
    const isLongPast = day < addDays(today, -RECENT_DAYS);
    if (!(await mayStart(workflowId))) continue;
    const corrected = [...arrived.polls.keys()].filter((feed) => correctionsOf(feed, day).length > 0);
    if (await wouldLose(deps, day, corrected)) continue;
    changed.push({ day, workflowId, isLongPast });
  }
  latest.compared = seen;
  return changed;
}

/** Return no ids where a correction can't be read: the load of such a feed's day fails, and says why. */
function orNone(find: () => string[]): string[] {
  try {
    return find();
  } catch (error) {
    if (error instanceof UnreadableCorrection) return [];
    throw error;
  }
}

/** Return whether a load was never begun, or was stopped from outside. A load that failed would fail again. */
async function mayStart(workflowId: string): Promise<boolean> {
  try {
    const { status } = await getClient().workflow.getHandle(workflowId).describe();
    return BROKEN_OFF.has(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
