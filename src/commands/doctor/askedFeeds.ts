import type { Config } from '../../settings/config.js';
import { firstCollection } from '../../stores/collectionChange.js';
import { askFeeds, type FeedCheck } from '../feeds/check.js';
import { readKnownFeeds } from '../context/knownFeeds.js';

/** Many feeds of one host are asked a few at a time. */
export const FEEDS_LIMIT_SECONDS = 45;

/** What feeds answered to one request each. */
export interface AskedFeeds {
  checks: FeedCheck[];
  /** By how much this machine's clock is ahead of a feed's server, in milliseconds, one for each that tells. */
  clockOffsetsMs: number[];
}

/** Asks the feeds that are collected and not paused, once each. Nothing is stored. */
export async function askCollectedFeeds(config: Config, env: NodeJS.ProcessEnv): Promise<AskedFeeds> {
  // While the raw store does not answer and the home knows nothing, the settings tell the feeds.
  const collection = await readKnownFeeds({ config, env }).catch(() => firstCollection(config.polling));
  const clockOffsetsMs: number[] = [];
  const checks = await askFeeds(
    config,
    collection.feeds.filter(({ paused }) => !paused),
    {
      // A process of its own asks, and is ended where this takes too long.
      signal: new AbortController().signal,
      onAnswer: ({ headers, receivedMs }) => {
        const told = Date.parse(headers.date ?? '');
        // A cache tells when it got the answer, which may be long ago.
        if (!Number.isNaN(told) && headers.age === undefined) clockOffsetsMs.push(receivedMs - told);
      },
    },
  );
  return { checks, clockOffsetsMs };
}
