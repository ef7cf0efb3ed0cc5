import { cancellationSignal } from '@temporalio/activity';
import pMap from 'p-map';
import type { SealTask } from '../cleaning/pool.js';
import { type Day, dayBounds } from '../domain/day.js';
import type { Fields } from '../settings/slice.js';
import { readRunOutcomes } from '../stores/sealed/runOutcomes.js';
import type { Sealing } from '../stores/sealed/seal.js';
import { listUnsealedFeeds, removeSealedRuns } from '../stores/sealed/sealRuns.js';
import type { Store } from '../stores/store.js';

/** Feeds of one step that are with the threads at once: what else waits for the threads comes in between. */
const FEEDS_AT_ONCE = 4;

/** What the activities that seal a day depend on. Each may run again at any point, also beside itself. */
export interface SealDeps extends Fields<'general.timeZone'> {
  raw: Store;
  /** Seals a feed's day off the event loop. */
  seal: (task: SealTask, signal: AbortSignal) => Promise<Sealing>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** What the sealing of one feed's day came to. */
export interface SealedFeed extends Pick<Sealing, 'answers' | 'unreadable' | 'damaged'> {
  feed: string;
}

/** Returns the feeds of which there is something to seal, once the day is over: nothing is polled for it any more. */
export async function planSealing(
  { raw, timeZone, now }: Omit<SealDeps, 'seal'>,
  { day }: { day: Day },
): Promise<{ isOver: boolean; feeds: string[] }> {
  const isOver = dayBounds(day, timeZone).end <= now();
  return { isOver, feeds: isOver ? await listUnsealedFeeds(raw, day) : [] };
}

/** Makes one object of each feed's day. One that fails keeps none of the others from being sealed. */
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

/** Removes the records of slot runs that say nothing but what is sealed. Returns how many. */
export async function sealRuns(
  { raw }: Pick<SealDeps, 'raw'>,
  { day }: { day: Day },
): Promise<{ removed: number }> {
  return { removed: await removeSealedRuns(raw, day) };
}
