import { createHash } from 'node:crypto';
import { log } from '@temporalio/activity';
import pMap from 'p-map';
import { inventoryDigest } from '../../cleaning/inventory.js';
import { LISTINGS_AT_ONCE } from '../../cleaning/measure.js';
import { type Day, dayBounds } from '../../domain/day.js';
import type { Fields } from '../../settings/slice.js';
import type { Arrivals } from '../../stores/arrivals.js';
import type { Corrections } from '../../stores/corrections.js';
import { listAccepted, UnreadableObject } from '../../stores/raw.js';
import type { Store } from '../../stores/store.js';
import type { PublishedDay, Warehouse } from '../../warehouse/warehouse.js';
import { isBuiltFrom } from '../inventory.js';

/** Milliseconds after the end of a day by which its schedule has loaded it, or that load has failed. */
const LOADED_AFTER_MS = 6 * 3_600_000;

const AT_ONCE = { concurrency: LISTINGS_AT_ONCE };

/** Dependencies of {@link stateToLoad}. */
export interface StateDeps extends Fields<'general.timeZone'> {
  raw: Store;
  warehouse: Warehouse;
  corrections: Corrections;
  /** Milliseconds since the epoch. */
  now: () => number;
  /**
   * Sealed objects that were compared already, by day and feed. Most of them were sealed by the load of their own day.
   */
  compared: ReadonlyMap<string, string>;
}

/** A day, and the arrivals of the day in raw. */
export interface ArrivedDay {
  day: Day;
  arrived: Arrivals;
  /** Receives the sealed objects whose answers are equal to the loaded answers, by day and feed. */
  seen: Map<string, string>;
}

/** Return a digest that names the state in raw of a day to load again; null when the day is not to be loaded again. */
export async function stateToLoad(
  deps: StateDeps,
  { day, arrived, seen }: ArrivedDay,
): Promise<string | null> {
  const { warehouse, timeZone, now } = deps;
  const earlier = await warehouse.publishedDay(day);
  if (earlier === null || earlier.loadedUntil !== null) {
    const isMissing = arrived.hasRuns && dayBounds(day, timeZone).end + LOADED_AFTER_MS < now();
    if (!isMissing || (await warehouse.isArchived({ day }))) return null;
    const describeFeed = async (feed: string) => (await inventoryOf(deps, feed, day))?.name ?? feed;
    const inventories = await pMap([...arrived.polls.keys()].sort(), describeFeed, AT_ONCE);
    return stateOf(inventories, arrived.othersMs);
  }
  const differences = await differencesOf(deps, earlier, { day, arrived, seen });
  if (differences.length === 0 && arrived.othersMs <= earlier.publishedMs) return null;
  if (await warehouse.isArchived({ day })) return null;
  return stateOf(differences, arrived.othersMs);
}

/** Describe the feeds whose answers, or whose excluded answers, differ from those that the day was built from. */
async function differencesOf(
  deps: StateDeps,
  earlier: PublishedDay,
  { day, arrived, seen }: ArrivedDay,
): Promise<string[]> {
  const compare = async ([feed, sealed]: [string, string | null]): Promise<string[]> => {
    const name = `${day} ${feed}`;
    const isKnown = sealed !== null && deps.compared.get(name) === sealed;
    if (!isKnown) {
      const found = await inventoryOf(deps, feed, day);
      if (found === null) return [];
      const { answers, excluded } = found;
      if (!isBuiltFrom(earlier, feed, answers, { before: Infinity, excluded })) return [found.name];
    }
    if (sealed !== null) seen.set(name, sealed);
    return [];
  };
  return (await pMap([...arrived.polls].sort(), compare, AT_ONCE)).flat();
}

/**
 * List the answers of a feed's day, with the excluded slots and with a name of this state. The name has the ids of the
 * day's corrections. Otherwise, excluding answers and including them again would lead back to an earlier name, whose
 * load has ended already. Returns null when a sealed object or a correction can't be read: the load would fail.
 */
async function inventoryOf({ raw, corrections, timeZone }: StateDeps, feed: string, day: Day) {
  try {
    const excluded = corrections.ofDay(feed, day, timeZone);
    const answers = await listAccepted(raw, feed, day, excluded);
    const ids = corrections.touching(feed, day, timeZone);
    return { answers, excluded, name: [feed, inventoryDigest(answers, excluded), ...ids].join(' ') };
  } catch (error) {
    if (!(error instanceof UnreadableObject)) throw error;
    log.warn(`${feed} on ${day} can't be compared with what is loaded`, { reason: error.message });
    return null;
  }
}

/** Make a name of the state of a day in raw: another state has another name. */
function stateOf(differences: readonly string[], othersMs: number): string {
  return createHash('sha256')
    .update([...differences, othersMs].join('\n'))
    .digest('hex')
    .slice(0, 16);
}
