import { ApplicationFailure } from '@temporalio/activity';
import type { ExcludedSlots } from '../domain/corrections.js';
import type { Day } from '../domain/day.js';
import { readCorrections, UnreadableCorrection } from '../stores/corrections.js';
import type { Store } from '../stores/store.js';

/** Return the excluded slots of a feed's day. */
export type ExcludedOf = (feed: string, day: Day) => ExcludedSlots;

/**
 * Read the corrections of the raw store. Returns a function that gives the excluded slots of a feed's day.
 *
 * @throws ApplicationFailure of type `UnreadableCorrection`, from the returned function, when a correction of the feed
 * can't be read. It is not retried, because a person has to act first.
 */
export async function readExcluded({ raw, timeZone }: { raw: Store; timeZone: string }): Promise<ExcludedOf> {
  const corrections = await readCorrections(raw);
  return (feed, day) => {
    try {
      return corrections.ofDay(feed, day, timeZone);
    } catch (error) {
      if (!(error instanceof UnreadableCorrection)) throw error;
      throw ApplicationFailure.nonRetryable(
        `${error.message} Until then, the day stays as it was published.`,
        error.name,
      );
    }
  };
}
