import pMap from 'p-map';
import { openPollClient } from '../../app/pollClient.js';
import { type Answer, type AnswerClient, PollFailure } from '../../sources/answer.js';
import type { AnswerLimits } from '../../sources/answerLimits.js';
import { type Access, InvalidAuth, parseAccess } from '../../sources/auth/auth.js';
import { contentTypeOf } from '../../sources/contentType.js';
import { readAnswer } from '../../sources/readAnswer.js';
import { refusedStatus } from '../../sources/refusedStatus.js';
import { sourceByName } from '../../sources/registry.js';
import { BadAnswer, type Source } from '../../sources/source.js';
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
  /** What happened, in one sentence without secrets; null when the answer is accepted. */
  message: string | null;
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
  const { config, env, signal } = context;
  const checks = await askFeeds({ config, env }, feeds, { signal });
  process.stdout.write(`${options.json ? JSON.stringify(checks) : describe(checks)}\n`);
  const failing = checks.filter(({ answers }) => !answers).map(({ feed }) => feed);
  if (failing.length > 0) {
    throw new CommandFailed(
      `${failing.length} of ${checks.length} feeds gave no accepted answer: ${failing.join(', ')}.`,
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
  { config, env }: Pick<Context, 'config' | 'env'>,
  feeds: readonly FeedState[],
  { signal, onAnswer }: AskOptions,
): Promise<FeedCheck[]> {
  const client = openPollClient(config, env);
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
  if (url === null) return failed(feed, { reason: 'misconfigured', message: 'it has no address' });
  try {
    const access = parseAccess(feed.auth ?? [], url);
    const { signal } = context;
    const answer = await client.request(url, { signal, access, maxBodyBytes: feed.max_body_bytes });
    onAnswer?.(answer);
    const { maxBodyBytes, maxRecords } = context.config.polling;
    const limits = { maxBodyBytes: feed.max_body_bytes ?? maxBodyBytes, maxRecords };
    return judge(feed, source, answer, access, limits);
  } catch (error) {
    if (error instanceof InvalidAuth)
      return failed(feed, { reason: 'misconfigured', message: `its authentication: ${error.message}` });
    if (!(error instanceof PollFailure)) throw error;
    return failed(feed, error, error.status);
  }
}

function judge(
  feed: FeedState,
  source: Source,
  answer: Answer,
  access: Access,
  limits: AnswerLimits,
): FeedCheck {
  const { status, receivedMs, startedMs } = answer;
  const durationMs = receivedMs - startedMs;
  const refused = refusedStatus(answer, access);
  if (refused !== null) return failed(feed, refused, status, durationMs);
  try {
    const contentType = contentTypeOf(answer.headers);
    const { stations, path, timestampMs } = readAnswer(source, answer.body, limits, contentType);
    const points = stations.map((station, i) => source.readStation(station, `${path}[${i}]`).points.length);
    return {
      feed: feed.name,
      answers: true,
      httpStatus: status,
      reason: null,
      message: null,
      stations: stations.length,
      chargingPoints: points.reduce((sum, count) => sum + count, 0),
      ageSeconds: timestampMs === null ? null : Math.round((receivedMs - timestampMs) / 1000),
      durationMs,
    };
  } catch (error) {
    if (error instanceof BadAnswer) return failed(feed, error, status, durationMs);
    throw error;
  }
}

function failed(
  { name }: FeedState,
  { reason, message }: { reason: string; message: string },
  httpStatus: number | null = null,
  durationMs: number | null = null,
): FeedCheck {
  const nothing = { stations: null, chargingPoints: null, ageSeconds: null };
  return { feed: name, answers: false, httpStatus, reason, message, ...nothing, durationMs };
}

function describe(checks: FeedCheck[]): string {
  const messages = checks.flatMap(({ feed, message }) => (message === null ? [] : [`${feed}: ${message}`]));
  const table = formatTable(
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
  return [table, ...messages].join('\n');
}
