import type { Config } from '../../settings/config.js';
import { firstCollection } from '../../stores/collectionChange.js';
import { askFeeds, type FeedCheck } from '../feeds/check.js';
import { readKnownFeeds } from '../context/knownFeeds.js';

/** Time limit of a check that asks the feeds. It is long, because only a few requests at once go to one host. */
export const FEEDS_LIMIT_SECONDS = 45;

/** What the feeds answered to one request each. */
export interface AskedFeeds {
  checks: FeedCheck[];
  /** Milliseconds by which this machine's clock is ahead of a feed's server, for each answer that tells the time. */
  clockOffsetsMs: number[];
}

/** Send one request to each feed that is collected and not paused. Nothing is stored. */
export async function askCollectedFeeds(config: Config, env: NodeJS.ProcessEnv): Promise<AskedFeeds> {
  // When the raw store does not respond and the home directory has no copy of the feeds, use those of the settings.
  const collection = await readKnownFeeds({ config, env }).catch(() => firstCollection(config.polling));
  const clockOffsetsMs: number[] = [];
  const checks = await askFeeds(
    { config, env },
    collection.feeds.filter(({ paused }) => !paused),
    {
      // No signal is needed, because the process of the checks is killed after the time limit.
      signal: new AbortController().signal,
      isFirstEnough: true,
      onAnswer: ({ headers, receivedMs }) => {
        const told = Date.parse(headers.date ?? '');
        // An answer from a cache has the time at which the cache received it, which may be long ago.
        if (!Number.isNaN(told) && headers.age === undefined) clockOffsetsMs.push(receivedMs - told);
      },
    },
  );
  return { checks, clockOffsetsMs };
}
