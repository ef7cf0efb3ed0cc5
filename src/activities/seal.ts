import { cancellationSignal } from '@temporalio/activity';
import type { SealTask } from '../cleaning/pool.js';
import { type Day, dayBounds } from '../domain/day.js';
import type { Sealing } from '../stores/sealed/seal.js';
import { listUnsealedFeeds, removeSealedRuns } from '../stores/sealed/sealRuns.js';
import type { Store } from '../stores/store.js';
import { beating } from './beating.js';

export interface SealDeps {
  raw: Store;
  /** Seals a feed's day off the event loop. */
  seal: (task: SealTask, signal: AbortSignal) => Promise<Sealing>;
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export type SealActivities = ReturnType<typeof createSealActivities>;

/** The activities that seal a day. Each may run again at any point, also beside itself. */
export function createSealActivities({ raw, seal, timeZone, now }: SealDeps) {
  return {
    /** The feeds of which there is something to seal, once the day is over: nothing is polled for it any more. */
    planSealing: ({ day }: { day: Day }) =>
      beating(async (): Promise<{ isOver: boolean; feeds: string[] }> => {
        const isOver = dayBounds(day, timeZone).end <= now();
        return { isOver, feeds: isOver ? await listUnsealedFeeds(raw, day) : [] };
      }),

    /** Makes one object of a feed's day. */
    sealFeed: ({ feed, day }: SealTask) =>
      beating((): Promise<Sealing> => seal({ feed, day }, cancellationSignal())),

    /** Removes the records of slot runs that say nothing but what is sealed. */
    sealRuns: ({ day }: { day: Day }) =>
      beating(async (): Promise<{ removed: number }> => ({ removed: await removeSealedRuns(raw, day) })),
  };
}
