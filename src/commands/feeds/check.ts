import pMap from 'p-map';
import { openPollClient } from '../../app/pollClient.js';
import { type Answer, type AnswerClient, PollFailure } from '../../sources/answer.js';
import type { AnswerLimits } from '../../sources/answerLimits.js';
import { contentTypeOf } from '../../sources/contentType.js';
import { rejectStatus } from '../../sources/httpStatus.js';
import { readAnswer } from '../../sources/readAnswer.js';
import { sourceByName } from '../../sources/registry.js';
import { BadAnswer, type Source } from '../../sources/source.js';
import type { Config } from '../../settings/config.js';
import type { FeedState } from '../../stores/collectionLog.js';
import { CommandFailed, type Context } from '../context/context.js';
import { readCollection } from './feeds.js';
import { formatTable } from '../console/table.js';
import type { JsonOption } from '../declaration/jsonOption.js';

/** Number of feeds that are requested at once, over all hosts. The number for one host is lower. */
const FEEDS_AT_ONCE = 8;

/** Result of one request to a feed. */
export interface FeedCheck {
  feed: string;
  answers: boolean;
  httpStatus: number | null;
  /** Why the answer is rejected, or why no answer came; null when the answer is accepted. */
  reason: string | null;
  stations: number | null;
  chargingPoints: number | null;
  /** Seconds from the envelope's timestamp to the receipt; null when the envelope has no timestamp. */
  ageSeconds: number | null;
  /** Duration of the request. */
  durationMs: number | null;
}

/**
 * Send one request to each collected feed, print the results, and store nothing (`ladepuls feeds check`).
 *
 * @throws CommandFailed when a feed's answer is missing or rejected
 */
export async function checkFeeds(context: Context, options: JsonOption): Promise<void> {
  const { feeds } = await readCollection(context);
  const checks = await askFeeds(context.config, feeds, { signal: context.signal });
  process.stdout.write(`${options.json ? JSON.stringify(checks) : describe(checks)}\n`);
  const failing = checks.filter(({ answers }) => !answers).map(({ feed }) => feed);
  if (failing.length > 0) {
    throw new CommandFailed(
      `${failing.length} of ${checks.length} feeds gave no accepted answer: ${failing.join(', ')}. docs/reasons.md explains the reasons above.`,
    );
  }
}

interface AskOptions {
  signal: AbortSignal;
  /** Called with every answer that came, accepted or rejected. */
  onAnswer?: (answer: Answer) => void;
}

/** Send one request to each feed, a few at a time, and store nothing. */
export async function askFeeds(
  config: Config,
  feeds: readonly FeedState[],
  { signal, onAnswer }: AskOptions,
): Promise<FeedCheck[]> {
  const client = openPollClient(config);
  const abort = () => client.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await pMap(feeds, (feed) => checkFeed({ config, signal }, client, feed, onAnswer), {
      concurrency: FEEDS_AT_ONCE,
      signal,
    });
  } finally {
    signal.removeEventListener('abort', abort);
    client.close();
  }
}

async function checkFeed(
  context: Pick<Context, 'config' | 'signal'>,
  client: AnswerClient,
  feed: FeedState,
  onAnswer?: (answer: Answer) => void,
): Promise<FeedCheck> {
  const source = sourceByName(feed.source);
  const url =
    feed.url ?? source.defaultUrl(feed.name, { chargecloudUrl: context.config.polling.chargecloudUrl });
  if (url === null) return failed(feed, 'misconfigured', null, null);
  try {
    const answer = await client.request(url, { signal: context.signal });
    onAnswer?.(answer);
    const { maxBodyBytes, maxRecords } = context.config.polling;
    return judge(feed, source, answer, { maxBodyBytes, maxRecords });
  } catch (error) {
    if (!(error instanceof PollFailure)) throw error;
    return failed(feed, error.reason, error.status ?? null, null);
  }
}

function judge(feed: FeedState, source: Source, answer: Answer, limits: AnswerLimits): FeedCheck {
  const { status, receivedMs, startedMs } = answer;
  const durationMs = receivedMs - startedMs;
  const rejection = rejectStatus(status);
  if (rejection !== null) return failed(feed, rejection.reason, status, durationMs);
  try {
    const contentType = contentTypeOf(answer.headers);
    const { stations, path, timestampMs } = readAnswer(source, answer.body, limits, contentType);
    const points = stations.map((station, i) => source.readStation(station, `${path}[${i}]`).points.length);
    return {
      feed: feed.name,
      answers: true,
      httpStatus: status,
      reason: null,
      stations: stations.length,
      chargingPoints: points.reduce((sum, count) => sum + count, 0),
      ageSeconds: timestampMs === null ? null : Math.round((receivedMs - timestampMs) / 1000),
      durationMs,
    };
  } catch (error) {
    if (error instanceof BadAnswer) return failed(feed, error.reason, status, durationMs);
    throw error;
  }
}

function failed(
  { name }: FeedState,
  reason: string,
  httpStatus: number | null,
  durationMs: number | null,
): FeedCheck {
  const nothing = { stations: null, chargingPoints: null, ageSeconds: null };
  return { feed: name, answers: false, httpStatus, reason, ...nothing, durationMs };
}

function describe(checks: FeedCheck[]): string {
  return formatTable(
    ['feed', 'answers', 'HTTP', 'reason', 'stations', 'charging points', 'age in s', 'ms'],
    checks.map((check) => [
      check.feed,
      check.answers ? 'yes' : 'no',
      check.httpStatus,
      check.reason,
      check.stations,
      check.chargingPoints,
      check.ageSeconds,
      check.durationMs === null ? null : Math.round(check.durationMs),
    ]),
  );
}
