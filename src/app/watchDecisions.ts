import type { Logger } from 'pino';
import type { Store } from '../stores/store.js';
import { isRedshift } from '../warehouse/address.js';
import { describeSynced, syncDecisions } from '../warehouse/syncDecisions.js';

/** How soon an edit that somebody made with psql is copied. */
const LOOK_EVERY_MS = 60_000;
/** SQLSTATEs of a schema and of a table that no migration has made yet. */
const NOT_MIGRATED = new Set<unknown>(['3F000', '42P01']);

export interface DecisionsWatch {
  /** Looks at once, without being waited for: something was published. */
  look(): void;
  /** Waits for what is under way, and looks no more. */
  close(): Promise<void>;
}

/**
 * Keeps people's own tables in the raw store while a worker runs: looks at once, after each publication, and every
 * minute. On Redshift, which a look a minute would keep awake, only the first two. What fails is told once in the log, and
 * tried again.
 */
export function watchDecisions(
  { url, raw, log }: { url: string; raw: Store; log: Pick<Logger, 'info' | 'warn'> },
  everyMs = LOOK_EVERY_MS,
): DecisionsWatch {
  let isThorough = true;
  let told = '';
  let going: Promise<void> | undefined;
  const keep = async (): Promise<void> => {
    try {
      for (const kept of await syncDecisions({ url, raw, nowMs: Date.now(), isThorough }))
        log.info(describeSynced(kept));
      isThorough = false;
      told = '';
    } catch (error) {
      if (NOT_MIGRATED.has((error as { code?: unknown }).code)) return;
      const problem = (error as Error).message;
      if (problem !== told) log.warn(`people's own tables are not copied to the raw store yet: ${problem}`);
      told = problem;
    }
  };
  /** One look at a time: another is made after it where it was begun too early to see what this one wants to. */
  let isWanted = false;
  const look = (): void => {
    isWanted = true;
    going ??= (async () => {
      while (isWanted) {
        isWanted = false;
        await keep();
      }
      going = undefined;
    })();
  };
  look();
  const timer = setInterval(() => {
    if (isThorough || !isRedshift(url)) look();
  }, everyMs);
  timer.unref();
  return {
    look() {
      isThorough = true;
      look();
    },
    async close() {
      clearInterval(timer);
      await going;
    },
  };
}
