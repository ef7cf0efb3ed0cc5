import { cancellationSignal } from '@temporalio/activity';
import type { Outcome } from '../../domain/outcome.js';
import { shownUrl } from '../../domain/shownUrl.js';
import { pollDeadline } from '../../domain/slot.js';
import type { Rejection } from '../../intake/intake.js';
import { type Answer, PollFailure } from '../../sources/answer.js';
import type { Source } from '../../sources/source.js';
import { answersOf, storeAnswer } from './answers.js';
import type { AcquireDeps, PollInput } from './deps.js';
import { addressOf } from './feeds.js';
import { attemptFailure, leftOut, lost, SHORTEST_REQUEST_MS, stored } from './outcomes.js';

/** How far the server's clock and this one may differ before a slot counts as not begun. */
const CLOCK_TOLERANCE_MS = 30_000;

/**
 * Asks a feed once and stores its answer. Returns the slot's accepted answer without a request where there is one.
 * Outside of its slot a feed is not asked.
 *
 * @throws ApplicationFailure whose type is the reason, such as `http_500`, and which carries the {@link Outcome} so far:
 * the answer was rejected (and is stored as such), or none came
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
    const key = await storeAnswer(deps, input, { ...origin, ...answer, reason: rejection?.reason ?? null });
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

/** Says why an answer is rejected; null where it is accepted. */
async function judge(deps: AcquireDeps, source: Source, { status, body }: Answer): Promise<Rejection | null> {
  if (status >= 200 && status <= 299) return deps.judge({ source: source.name, body });
  return { reason: `http_${status}`, message: `the answer's HTTP status is ${status}` };
}

/** Returns the wait that the server asks for, where the header `Retry-After` says it in seconds. */
function retryAfterMs(answer: Answer): number | null {
  const seconds = Number(answer.headers['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}
