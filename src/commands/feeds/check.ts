import pMap from 'p-map';
import { openPollClient } from '../../app/pollClient.js';
import type { JudgedPage, JudgeTask, Read } from '../../intake/intake.js';
import { requestDocuments } from '../../intake/requestDocuments.js';
import type { Answer, AnswerClient } from '../../sources/answer.js';
import type { AnswerLimits } from '../../sources/answerLimits.js';
import { type Access, InvalidAuth, parseAccess } from '../../sources/auth/auth.js';
import { readAnswer } from '../../sources/readAnswer.js';
import { sourceByName } from '../../sources/registry.js';
import { BadAnswer, type Source } from '../../sources/source.js';
import type { FeedState } from '../../stores/collectionLog.js';
import { CommandFailed, type Context } from '../context/context.js';
import { readCollection } from './feeds.js';
import { formatTable } from '../console/table.js';
import type { JsonOption } from '../declaration/jsonOption.js';

/** Number of feeds that are requested at once, over all hosts. The number for one host is lower. */
const FEEDS_AT_ONCE = 8;

/** Result of polling a feed once. */
export interface FeedCheck {
  feed: string;
  answers: boolean;
  httpStatus: number | null;
  /** Why the answer is rejected, or why no answer came; null when the answer is accepted. */
  reason: string | null;
  /** What happened, in one sentence without secrets; null when the answer is accepted. */
  message: string | null;
  /** Number of documents that were accepted: the pages of a paged feed. */
  documents: number;
  /** Stations and charging points in these documents; null when there are none. */
  stations: number | null;
  chargingPoints: number | null;
  /** Seconds from the envelope's timestamp to the receipt; null when the envelope has no timestamp. */
  ageSeconds: number | null;
  /** Duration of all requests. */
  durationMs: number | null;
}

/**
 * Request the documents of each collected feed, print the results, and store nothing (`ladepuls feeds check`).
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
      `${failing.length} of ${checks.length} feeds gave no accepted answer: ${failing.join(', ')}. docs/reasons.md explains the reasons above.`,
    );
  }
}

interface AskOptions {
  signal: AbortSignal;
  /** Whether the first document of each feed is enough. Default: no. */
  isFirstEnough?: boolean;
  /** Called with every response that came, accepted or rejected. */
  onAnswer?: (answer: Answer) => void;
}

/** Request the documents of each feed, a few feeds at a time, and store nothing. */
export async function askFeeds(
  { config, env }: Pick<Context, 'config' | 'env'>,
  feeds: readonly FeedState[],
  { signal, isFirstEnough = false, onAnswer }: AskOptions,
): Promise<FeedCheck[]> {
  const client = openPollClient(config, env);
  const abort = () => client.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await pMap(feeds, (feed) => checkFeed({ config, signal, isFirstEnough }, client, feed, onAnswer), {
      concurrency: FEEDS_AT_ONCE,
      signal,
    });
  } finally {
    signal.removeEventListener('abort', abort);
    client.close();
  }
}

async function checkFeed(
  context: Pick<Context, 'config' | 'signal'> & { isFirstEnough: boolean },
  client: AnswerClient,
  feed: FeedState,
  onAnswer?: (answer: Answer) => void,
): Promise<FeedCheck> {
  const { polling } = context.config;
  const source = sourceByName(feed.source);
  const url = feed.url ?? source.defaultUrl(feed.name, { chargecloudUrl: polling.chargecloudUrl });
  const nothing = { documents: 0, stations: null, chargingPoints: null, ageSeconds: null };
  const misconfigured = (message: string): FeedCheck => ({
    feed: feed.name,
    answers: false,
    httpStatus: null,
    reason: 'misconfigured',
    message,
    ...nothing,
    durationMs: null,
  });
  if (url === null) return misconfigured('it has no address');
  let access: Access;
  try {
    access = parseAccess(feed.auth ?? [], url);
  } catch (error) {
    if (!(error instanceof InvalidAuth)) throw error;
    return misconfigured(`its authentication: ${error.message}`);
  }
  const maxBodyBytes = feed.max_body_bytes ?? polling.maxBodyBytes;
  const counts = new Counts(source, { maxBodyBytes, maxRecords: polling.maxRecords });
  const startedMs = Date.now();
  const { documents, shortfall } = await requestDocuments(url, {
    request: async (address) => {
      const { signal } = context;
      const answer = await client.request(address, { signal, access, maxBodyBytes: feed.max_body_bytes });
      onAnswer?.(answer);
      return answer;
    },
    judge: (document) => Promise.resolve(counts.add(document)),
    source: source.name,
    access,
    isFirstEnough: context.isFirstEnough,
    maxBytes: maxBodyBytes,
    now: Date.now,
  });
  const [first] = documents;
  const { timestampMs } = counts;
  const hasAge = first !== undefined && timestampMs !== null;
  return {
    feed: feed.name,
    answers: shortfall === null,
    httpStatus: shortfall?.status ?? first?.answer.status ?? null,
    reason: shortfall?.reason ?? null,
    message: shortfall?.message ?? null,
    documents: documents.length,
    stations: first ? counts.stations : null,
    chargingPoints: first ? counts.chargingPoints : null,
    ageSeconds: hasAge ? Math.round((first.answer.receivedMs - timestampMs) / 1000) : null,
    durationMs: Date.now() - startedMs,
  };
}

/** Counts the records in the documents of one answer. */
class Counts {
  stations = 0;
  chargingPoints = 0;
  /** The instant at which the feed says that it answered, in milliseconds since the epoch; null when it does not say. */
  timestampMs: number | null = null;
  private isFirst = true;

  constructor(
    private readonly source: Source,
    private readonly limits: AnswerLimits,
  ) {}

  /** Judge a document, and count its records when it is accepted. */
  add({ body, contentType }: JudgeTask): Read<JudgedPage> {
    const { source, limits } = this;
    try {
      const { stations, path, timestampMs, links } = readAnswer(
        source,
        Buffer.from(body),
        limits,
        contentType,
      );
      if (this.isFirst) this.timestampMs = timestampMs;
      this.isFirst = false;
      this.stations += stations.length;
      stations.forEach((station, i) => {
        this.chargingPoints += source.readStation(station, `${path}[${i}]`).points.length;
      });
      return { found: { links, records: stations.length }, rejection: null };
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      return { found: null, rejection: { reason: error.reason, message: error.message } };
    }
  }
}

function describe(checks: FeedCheck[]): string {
  const messages = checks.flatMap(({ feed, message }) => (message === null ? [] : [`${feed}: ${message}`]));
  const table = formatTable(
    ['feed', 'answers', 'HTTP', 'reason', 'documents', 'stations', 'charging points', 'age in s', 'ms'],
    checks.map((check) => [
      check.feed,
      check.answers ? 'yes' : 'no',
      check.httpStatus,
      check.reason,
      check.documents,
      check.stations,
      check.chargingPoints,
      check.ageSeconds,
      check.durationMs === null ? null : Math.round(check.durationMs),
    ]),
  );
  return [table, ...messages].join('\n');
}
