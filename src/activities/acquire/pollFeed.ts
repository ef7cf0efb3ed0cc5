import { cancellationSignal } from '@temporalio/activity';
import type { Outcome } from '../../domain/outcome.js';
import { shownUrl } from '../../domain/shownUrl.js';
import { pollDeadline } from '../../domain/slot.js';
import { type Attempt, requestDocuments } from '../../intake/requestDocuments.js';
import { type Answer, PollFailure, type RequestOptions } from '../../sources/answer.js';
import { isPartialKey } from '../../stores/raw.js';
import { heartbeating } from '../heartbeat.js';
import { answersOf, storeAnswer, storeDocuments } from './answers.js';
import type { AcquireDeps, PollInput } from './deps.js';
import { addressOf } from './feeds.js';
import { attemptFailure, leftOut, lost, SHORTEST_REQUEST_MS, stored } from './outcomes.js';

/**
 * Largest difference, in milliseconds, between the clock of the Temporal server and the clock of this machine. A slot
 * that begins later than this counts as not begun.
 */
const CLOCK_TOLERANCE_MS = 30_000;

/**
 * Request the documents of a feed and store the answer. Returns without a request when the slot already has an accepted
 * answer with all its documents. Sends no request outside of the slot.
 *
 * An answer whose first documents were accepted and whose next one is missing is stored as partial. Another attempt may
 * then bring a whole answer.
 *
 * @throws ApplicationFailure when a document was rejected (and stored as rejected), or did not arrive. Its type is the
 * reason, such as `http_500`, and it carries the {@link Outcome} so far.
 */
export function pollFeed(deps: AcquireDeps, input: PollInput): Promise<Outcome> {
  return heartbeating(() => poll(deps, input));
}

async function poll(deps: AcquireDeps, input: PollInput): Promise<Outcome> {
  const [there] = await answersOf(deps, input, 'accepted');
  if (there && !isPartialKey(there.key)) return stored(deps, input.feed, there.key);
  const remainingMs = pollDeadline(input.slot, input.intervalMinutes) - deps.now();
  if (deps.now() < input.slot - CLOCK_TOLERANCE_MS) return leftOut(deps, input, 'early');
  if (remainingMs < SHORTEST_REQUEST_MS) return leftOut(deps, input, 'late');
  const { url, feed, access } = await addressOf(deps, input);
  const { judge, now } = deps;
  const options = { access, maxBodyBytes: feed.max_body_bytes };
  const attempt = await requestDocuments(url, {
    request: (address) => requestOne(deps, input, address, options),
    judge,
    source: feed.source,
    access,
    maxBytes: feed.max_body_bytes ?? deps.maxBodyBytes,
    now,
  });
  return conclude(deps, input, { source: feed.source, url }, attempt);
}

async function requestOne(
  deps: AcquireDeps,
  input: PollInput,
  url: string,
  options: Pick<RequestOptions, 'access' | 'maxBodyBytes'>,
): Promise<Answer> {
  const timeoutMs = pollDeadline(input.slot, input.intervalMinutes) - deps.now();
  if (timeoutMs < SHORTEST_REQUEST_MS)
    throw new PollFailure('timeout', `${shownUrl(url)}: the slot ends before the request could`);
  return deps.client.request(url, { ...options, signal: cancellationSignal(), timeoutMs });
}

/** Store what an attempt brought. */
async function conclude(
  deps: AcquireDeps,
  input: PollInput,
  origin: { source: string; url: string },
  { documents, shortfall }: Attempt,
): Promise<Outcome> {
  const key = documents.length > 0 ? await storeDocuments(deps, input, origin, documents, shortfall) : null;
  if (shortfall === null) return key === null ? await lost(deps, input) : await stored(deps, input.feed, key);
  const { url, body, status, contentType, reason, startedMs, receivedMs } = shortfall;
  const received = { source: origin.source, url, body, status, contentType, reason, startedMs, receivedMs };
  const rejected = body === undefined ? null : await storeAnswer(deps, input, received);
  throw await attemptFailure(deps, input, { ...shortfall, key: rejected });
}
