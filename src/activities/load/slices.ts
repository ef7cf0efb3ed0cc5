import type { CleanTask } from '../../cleaning/pool.js';
import type { FeedSlice } from '../../domain/chunks.js';
import { type FlatSet, getExclusions, getManifest, getPlan } from '../../stores/flat.js';
import { ObjectNotFound, type Store } from '../../stores/store.js';
import type { Load } from '../../warehouse/warehouse.js';
import { readExcluded } from '../corrections.js';
import type { ChunkOfLoad, LoadDeps } from './deps.js';

/**
 * A chunk to clean. With `excluding`, the records that {@link compareFeeds} found to belong to another feed are left
 * out.
 */
export type ChunkToClean = ChunkOfLoad & { excluding: boolean };

/** Read the slices of a chunk from the load's plan. */
export async function slicesOf(flat: Store, load: Load, chunk: number): Promise<FeedSlice[]> {
  return (await getPlan(flat, load.day, load.run)).chunks[chunk] ?? [];
}

/**
 * Yield the remaining cleaning tasks of a chunk: the slices that are not cleaned yet or, with `excluding`, the slices
 * with records that belong to another feed. Each slice is checked only when the task before it is done.
 */
export async function* cleanTasksOf(
  deps: Pick<LoadDeps, 'raw' | 'flat' | 'timeZone'>,
  { chunk, excluding, ...load }: ChunkToClean,
): AsyncGenerator<CleanTask> {
  const { flat } = deps;
  const acceptsDamage = load.isRebuild === true;
  const excludedOf = await readExcluded(deps);
  for (const slice of await slicesOf(flat, load, chunk)) {
    const set = { day: load.day, load: load.run, ...slice };
    const task = await taskOf(flat, set, excluding);
    if (task) yield { ...task, excluded: excludedOf(set.feed, set.day), acceptsDamage };
  }
}

async function taskOf(
  flat: Store,
  set: FlatSet,
  excluding: boolean,
): Promise<Pick<CleanTask, 'set' | 'exclusions'> | null> {
  if (!excluding) return (await ifThere(getManifest(flat, set))) ? null : { set, exclusions: null };
  const exclusions = await ifThere(getExclusions(flat, set));
  return exclusions && { set, exclusions };
}

async function ifThere<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}
