import { createHash } from 'node:crypto';
import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import pMap from 'p-map';
import { inventoryDigest } from '../cleaning/clean.js';
import { LISTINGS_AT_ONCE } from '../cleaning/measure.js';
import { addDays, type Day, dayBounds, dayOf, daysBetween } from '../domain/day.js';
import { type Arrivals, listArrivals } from '../stores/arrivals.js';
import { listPlaced } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { PublishedDay } from '../warehouse/warehouse.js';
import { awaitRebuild, type AwaitRebuildDeps } from './awaitRebuild.js';
import { beating } from './beating.js';
import { isBuiltFrom } from './inventory.js';

/** Days in one run; the next one takes further ones. */
const DAYS_A_RUN = 100;
/** Days longer ago are long past. */
const RECENT_DAYS = 7;
/** Days before today whose slot runs are looked at. */
const DAYS_BACK = 8;
/** What was sealed so long ago is known to be loaded, unless it stands beside another sealed object. */
const SEALED_LATELY_MS = 48 * 3_600_000;
/** By then a day that is over has been loaded by its schedule, or that load has failed. */
const LOADED_AFTER_MS = 6 * 3_600_000;

const AT_ONCE = { concurrency: LISTINGS_AT_ONCE };

export interface ReloadDeps extends AwaitRebuildDeps {
  raw: Store;
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** A day to be loaded again. */
export interface ChangedDay {
  day: Day;
  /** Of the load. It names what raw holds of the day: other answers are another load. */
  workflowId: string;
  /** Whether the day is older than a week: its load comes behind those of newer days. */
  isLongPast: boolean;
}

/** How a run ended that never came to its own end: the same load may be tried again. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['CANCELLED', 'TERMINATED', 'TIMED_OUT']);

export type ReloadActivities = ReturnType<typeof createReloadActivities>;

/** The activity of the workflow `reloadChanged`. */
export function createReloadActivities(deps: ReloadDeps) {
  const { raw, warehouse, timeZone, now } = deps;
  /** Sealed objects that were compared already, by day and feed: most were sealed by the day's own load. */
  let compared = new Map<string, string>();
  return {
    /**
     * The days that are over and published, but of other answers than raw has now, the newest first. A day of the last week
     * that was polled and never published as a whole is one of them: its load has failed. Left alone are archived days, days
     * without slot runs that were never loaded, and days whose load of these very answers is under way or has failed. Waits until
     * a warehouse of an earlier version is rebuilt.
     */
    planReloads: () =>
      beating(async (): Promise<ChangedDay[]> => {
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
        const seen = new Map<string, string>();
        const changed: ChangedDay[] = [];
        for (const [day, arrived] of [...arrivals].sort(([a], [b]) => (a > b ? -1 : 1))) {
          if (changed.length === DAYS_A_RUN) break;
          const state = await stateToLoad(day, arrived, seen);
          if (state === null) continue;
          const workflowId = `reload-${day}-${state}`;
          const isLongPast = day < addDays(today, -RECENT_DAYS);
          if (await mayStart(workflowId)) changed.push({ day, workflowId, isLongPast });
        }
        compared = seen;
        return changed;
      }),
  };

  async function stateToLoad(day: Day, arrived: Arrivals, seen: Map<string, string>): Promise<string | null> {
    const earlier = await warehouse.publishedDay(day);
    if (earlier === null || earlier.loadedUntil !== null) {
      const isMissing = arrived.hasRuns && dayBounds(day, timeZone).end + LOADED_AFTER_MS < now();
      if (!isMissing || (await warehouse.isArchived({ day }))) return null;
      return stateOf(
        await pMap([...arrived.polls.keys()].sort(), inventoryOf(day), AT_ONCE),
        arrived.othersMs,
      );
    }
    const differences = await differencesOf(day, earlier, arrived, seen);
    if (differences.length === 0 && arrived.othersMs <= earlier.publishedMs) return null;
    if (await warehouse.isArchived({ day })) return null;
    return stateOf(differences, arrived.othersMs);
  }

  /** The feeds whose good answers are others than those that the day was built from, with what there is now. */
  async function differencesOf(
    day: Day,
    earlier: PublishedDay,
    { polls }: Arrivals,
    seen: Map<string, string>,
  ): Promise<string[]> {
    const compare = async ([feed, sealed]: [string, string | null]): Promise<string[]> => {
      const name = `${day} ${feed}`;
      const isKnown = sealed !== null && compared.get(name) === sealed;
      if (!isKnown) {
        const answers = await listPlaced(raw, 'polls', feed, day);
        if (!isBuiltFrom(earlier, feed, answers, Infinity)) return [describe(feed, answers)];
      }
      if (sealed !== null) seen.set(name, sealed);
      return [];
    };
    return (await pMap([...polls].sort(), compare, AT_ONCE)).flat();
  }

  function inventoryOf(day: Day): (feed: string) => Promise<string> {
    return async (feed) => describe(feed, await listPlaced(raw, 'polls', feed, day));
  }
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

function describe(feed: string, answers: readonly { key: string }[]): string {
  return `${feed} ${inventoryDigest(answers)}`;
}

/** A name of what raw holds: another one where that differs. */
function stateOf(differences: readonly string[], othersMs: number): string {
  return createHash('sha256')
    .update([...differences, othersMs].join('\n'))
    .digest('hex')
    .slice(0, 16);
}
