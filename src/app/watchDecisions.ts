import type { Logger } from 'pino';
import type { Store } from '../stores/store.js';
import { isRedshift } from '../domain/warehouseAddress.js';
import { describeSynced, syncDecisions } from '../warehouse/syncDecisions.js';

/** Pause between two looks, in milliseconds. An edit that somebody makes with psql is copied within this time. */
const LOOK_EVERY_MS = 60_000;
/** SQLSTATEs of a missing schema and a missing table: no migration has created them yet. */
const NOT_MIGRATED = new Set<unknown>(['3F000', '42P01']);

export interface DecisionsWatch {
  /** Look for edits now, because something was published. Returns immediately. */
  look(): void;
  /** Stop watching. Waits for the look that is under way. */
  close(): Promise<void>;
}

/**
 * Copy people's own tables (schema `config`) to the raw store while a worker runs: at the start, after each
 * publication, and every minute. On Redshift the look every minute is left out once a look succeeded, because it would
 * keep the cluster awake. The same failure is logged once; the next look tries again.
 *
 * @param everyMs pause between two looks, in milliseconds
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
      if (problem !== told)
        log.warn(
          `the tables of schema config are not copied to the raw store yet: ${problem}. Copying is tried again.`,
        );
      told = problem;
    }
  };
  /**
   * Only one look runs at a time. If another look is wanted while one runs, it follows afterwards, because the running
   * look may have begun too early to see the change.
   */
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
