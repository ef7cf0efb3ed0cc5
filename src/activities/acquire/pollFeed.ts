import { cancellationSignal } from '@temporalio/activity';
import type { Outcome } from '../../domain/outcome.js';
import { shownUrl } from '../../domain/shownUrl.js';
import { pollDeadline } from '../../domain/slot.js';
import type { Rejection } from '../../intake/intake.js';
import { type Answer, PollFailure } from '../../sources/answer.js';
import { contentTypeOf } from '../../sources/contentType.js';
import { rejectStatus } from '../../sources/httpStatus.js';
import type { Source } from '../../sources/source.js';
import { answersOf, storeAnswer } from './answers.js';
import type { AcquireDeps, PollInput } from './deps.js';
import { addressOf } from './feeds.js';
import { attemptFailure, leftOut, lost, SHORTEST_REQUEST_MS, stored } from './outcomes.js';

/**
 * Largest difference, in milliseconds, between the clock of the Temporal server and the clock of this machine. A slot
 * that begins later than this counts as not begun.
 */
const CLOCK_TOLERANCE_MS = 30_000;

/**
 * Send one request to a feed and store the answer. Returns without a request when the slot already has an accepted
 * answer. Sends no request outside of the slot.
 *
 * @throws ApplicationFailure when the answer was rejected (and stored as rejected), or none was received. Its type is
 * the reason, such as `http_500`, and it carries the {@link Outcome} so far.
 */
export async function pollFeed(deps: AcquireDeps, input: PollInput): Promise<Outcome> {
  const [there] = await answersOf(deps, input, 'accepted');
  if (there) return stored(deps, input.feed, there.key);
  const remainingMs = pollDeadline(input.slot, input.intervalMinutes) - deps.now();
  if (deps.now() < input.slot - CLOCK_TOLERANCE_MS) return leftOut(deps, input, 'early');
  if (remainingMs < SHORTEST_REQUEST_MS) return leftOut(deps, input, 'late');
  return request(deps, input, remainingMs);
}

async function request(deps: AcquireDeps, input: PollInput, remainingMs: number): Promise<Outcome> {
  const startedMs = deps.now();
  const { source, url, feed } = await addressOf(deps, input);
  const origin = { source: feed.source, url };
  try {
    const answer = await deps.client.request(url, { signal: cancellationSignal(), timeoutMs: remainingMs });
    const rejection = await judge(deps, source, answer);
    const contentType = contentTypeOf(answer.headers);
    const received = { ...origin, ...answer, contentType, reason: rejection?.reason ?? null };
    const key = await storeAnswer(deps, input, received);
    if (rejection === null)
      return key === null ? await lost(deps, input) : await stored(deps, input.feed, key);
    const { reason } = rejection;
    const message = `${shownUrl(url)}: ${rejection.message}`;
    throw await attemptFailure(deps, input, { reason, message, key, afterMs: retryAfterMs(answer) });
  } catch (error) {
    if (!(error instanceof PollFailure)) throw error;
    const { reason, message, partial, status } = error;
    const received = { ...origin, status, body: partial, reason, startedMs, receivedMs: deps.now() };
    const key = partial?.length ? await storeAnswer(deps, input, received) : null;
    throw await attemptFailure(deps, input, { reason, message, key, afterMs: null });
  }
}

/** Return why an answer is rejected; null when it is accepted. */
async function judge(
  deps: AcquireDeps,
  source: Source,
  { status, headers, body }: Answer,
): Promise<Rejection | null> {
  const contentType = contentTypeOf(headers);
  return rejectStatus(status) ?? deps.judge({ source: source.name, body, contentType });
}

/**
 * Return the wait in milliseconds that the server asks for by the header `Retry-After`; null without a number of
 * seconds.
 */
function retryAfterMs(answer: Answer): number | null {
  const seconds = Number(answer.headers['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}
