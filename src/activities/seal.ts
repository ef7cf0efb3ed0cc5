import { cancellationSignal } from '@temporalio/activity';
import pMap from 'p-map';
import type { SealTask } from '../cleaning/pool.js';
import { type Day, dayBounds } from '../domain/day.js';
import type { Fields } from '../settings/slice.js';
import { readRunOutcomes } from '../stores/sealed/runOutcomes.js';
import type { Sealing } from '../stores/sealed/seal.js';
import { listUnsealedFeeds, removeSealedRuns } from '../stores/sealed/sealRuns.js';
import type { Store } from '../stores/store.js';

/**
 * Number of feeds of one activity that are sealed concurrently on threads, so that other tasks for the threads get a
 * turn.
 */
const FEEDS_AT_ONCE = 4;

/**
 * Dependencies of the activities that seal a day. Each activity is idempotent, also when it runs twice concurrently.
 */
export interface SealDeps extends Fields<'general.timeZone'> {
  raw: Store;
  /** Seals a feed's day on another thread. */
  seal: (task: SealTask, signal: AbortSignal) => Promise<Sealing>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Result of sealing one feed's day. */
export interface SealedFeed extends Pick<Sealing, 'answers' | 'unreadable' | 'damaged'> {
  feed: string;
}

/** Return the feeds with answers to seal, once the day is over and nothing more is polled for it. */
export async function planSealing(
  { raw, timeZone, now }: Omit<SealDeps, 'seal'>,
  { day }: { day: Day },
): Promise<{ isOver: boolean; feeds: string[] }> {
  const isOver = dayBounds(day, timeZone).end <= now();
  return { isOver, feeds: isOver ? await listUnsealedFeeds(raw, day) : [] };
}

/** Seal one object for each feed's day. A feed that fails does not prevent the others from being sealed. */
export async function sealFeeds(
  { raw, seal }: Pick<SealDeps, 'raw' | 'seal'>,
  { feeds, day }: { feeds: string[]; day: Day },
): Promise<SealedFeed[]> {
  const runOutcomes = await readRunOutcomes(raw, day, feeds);
  const failures: unknown[] = [];
  const sealOne = async (feed: string): Promise<SealedFeed[]> => {
    try {
      const task = { feed, day, runOutcomes: runOutcomes.get(feed) ?? [] };
      const { answers, unreadable, damaged } = await seal(task, cancellationSignal());
      return [{ feed, answers, unreadable, damaged }];
    } catch (error) {
      failures.push(error);
      return [];
    }
  };
  const sealed = await pMap(feeds, sealOne, { concurrency: FEEDS_AT_ONCE });
  if (failures.length > 0) throw failures[0];
  return sealed.flat();
}

/** Remove the records of slot runs that contain nothing but sealed outcomes. Returns the number of removed records. */
export async function sealRuns(
  { raw }: Pick<SealDeps, 'raw'>,
  { day }: { day: Day },
): Promise<{ removed: number }> {
  return { removed: await removeSealedRuns(raw, day) };
}
