import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { LoadActivities } from '../activities/load.js';
import { SCHEDULED_START, SEARCH_ATTRIBUTES } from './names.js';
import { eachOf } from './eachOf.js';

export interface LoadDayInput {
  /** The local day, such as 2022-01-11; a scheduled run loads the day before its instant. */
  day?: string;
  /** Why the day is loaded; stands in ops.day_revision. */
  reason?: string;
}

export interface LoadDayResult {
  day: string;
  revision: number;
  feeds: number;
  polls: number;
  chargingPointFacts: number;
  connectorFacts: number;
  quarantined: number;
  unreadable: number;
}

/** Feeds that are cleaned or copied at once, over all workers. */
const FEEDS_AT_ONCE = 8;
/** How often a day is cleaned anew because raw changed meanwhile; an import is going on, so later is better. */
const MAX_ROUNDS = 5;

const { planLoad, openLoad, checkLoad, publishLoad, discardLoad } = proxyActivities<LoadActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
const { cleanFeed, compareFeeds, copyFeed } = proxyActivities<LoadActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/**
 * Loads one local day: cleans its polls feed by feed, copies them aside, checks and publishes them. It
 * may run again, be killed at any point, or run twice at once: the warehouse ends the same.
 */
export async function loadDay(input: LoadDayInput = {}): Promise<LoadDayResult> {
  const scheduled = workflowInfo().typedSearchAttributes.get(SCHEDULED_START);
  if (input.day === undefined && !scheduled) {
    throw ApplicationFailure.nonRetryable(
      'This run has no day: it was started by no schedule. Give it one: {"day": "2022-01-11"}.',
      'NoDay',
    );
  }
  const { day } = await planLoad(
    input.day === undefined ? { instantMs: scheduled?.getTime() ?? 0 } : { day: input.day },
  );
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.day, value: day }]);
  const reason = input.reason ?? (scheduled ? 'schedule' : 'load');
  for (let round = 1; ; round++) {
    const load = { day, run: `${workflowInfo().runId}-${round}` };
    try {
      return await loadOnce(load, reason);
    } catch (error) {
      await CancellationScope.nonCancellable(() => discardLoad(load));
      if (round === MAX_ROUNDS || !isStale(error)) throw error;
    }
  }
}

async function loadOnce(load: { day: string; run: string }, reason: string): Promise<LoadDayResult> {
  const { feeds } = await openLoad(load);
  setCurrentDetails(`**${load.day}**: cleaning ${feeds.length} feeds`);
  await eachOf(feeds, FEEDS_AT_ONCE, (feed) =>
    cleanFeed.executeWithOptions({ summary: feed }, [{ ...load, feed, excluding: false }]),
  );
  setCurrentDetails(`**${load.day}**: comparing feeds`);
  const { conflicting } = await compareFeeds(load);
  if (conflicting.length > 0) {
    await eachOf(conflicting, FEEDS_AT_ONCE, (feed) =>
      cleanFeed.executeWithOptions({ summary: `${feed}, without what is another feed's` }, [
        { ...load, feed, excluding: true },
      ]),
    );
    await compareFeeds(load);
  }
  setCurrentDetails(`**${load.day}**: copying ${feeds.length} feeds`);
  await eachOf(feeds, FEEDS_AT_ONCE, (feed) =>
    copyFeed.executeWithOptions({ summary: feed }, [{ ...load, feed }]),
  );
  await checkLoad(load);
  const publication = await publishLoad({ ...load, reason });
  const result = { ...publication, feeds: feeds.length };
  const facts = result.chargingPointFacts + result.connectorFacts;
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.facts, value: facts }]);
  setCurrentDetails(
    `**${load.day}**: ${facts} facts of ${result.polls} polls of ${feeds.length} feeds, revision ${result.revision}; ` +
      `${result.quarantined} records quarantined, ${result.unreadable} answers unreadable`,
  );
  return result;
}

/** Whether the load failed because raw has changed since it was cleaned. */
function isStale(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.type === 'InventoryChanged';
}
