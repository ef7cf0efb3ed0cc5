import { activityInfo, ApplicationFailure, log } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { Outcome } from '../../domain/outcome.js';
import { pollDeadline } from '../../domain/slot.js';
import { EXCESSIVE } from '../../sources/answerLimits.js';
import type { PagesReason } from '../../sources/paging.js';
import { getRaw } from '../../stores/raw.js';
import { answersOf, lastRejected } from './answers.js';
import type { AcquireDeps, PollInput } from './deps.js';

/** Wait before the second request of a feed in a slot; each further wait is three times as long. */
const FIRST_RETRY_DELAY_MS = 4_000;
/**
 * Reasons after which a feed is not polled again in the same slot: it would answer the same, and every answer costs
 * much.
 */
const FINAL_REASONS: ReadonlySet<string> = new Set([
  ...EXCESSIVE,
  ...([
    'page_address',
    'page_elsewhere',
    'page_loop',
    'pages_missing',
    'too_many_pages',
  ] satisfies PagesReason[]),
  'redirect_refused',
]);
/** Shortest time for a request, in milliseconds. A request is not begun with less time left in its slot. */
export const SHORTEST_REQUEST_MS = 1_000;

/**
 * Return the outcome of an accepted answer. While the answer waits in the spool, it does not count as stored, because
 * only this machine has it.
 */
export async function stored({ raw }: AcquireDeps, feed: string, key: string): Promise<Outcome> {
  const attempts = Math.max(1, activityInfo().attempt);
  if (await raw.isWaiting(key)) return { feed, outcome: 'missed', reason: 'spooled', key, attempts };
  return { feed, outcome: 'stored', reason: null, key, attempts };
}

/**
 * Return the outcome of a slot whose best answer is partial: stored, with the reason for which documents are missing;
 * null when the slot has no accepted answer.
 */
async function partialOutcome(
  deps: AcquireDeps,
  input: PollInput,
  attempts: number,
): Promise<Outcome | null> {
  const [partial] = await answersOf(deps, input, 'accepted');
  if (partial === undefined) return null;
  const outcome = await stored(deps, input.feed, partial.key);
  if (outcome.outcome !== 'stored') return outcome;
  const answer = await getRaw(deps.raw, partial.key).catch(() => null);
  return { ...outcome, reason: answer?.meta.missing ?? null, attempts };
}

/**
 * Return the outcome of a poll that sends no request. The outcome is `failed`, with the reason of the earlier attempt,
 * when an earlier attempt was rejected; otherwise it is `missed`.
 */
export async function leftOut(
  deps: AcquireDeps,
  input: PollInput,
  reason: 'early' | 'late',
): Promise<Outcome> {
  const { feed } = input;
  const attempts = activityInfo().attempt - 1;
  const partial = await partialOutcome(deps, input, attempts);
  if (partial !== null) return partial;
  const key = await lastRejected(deps, input);
  if (key === null) return { feed, outcome: 'missed', reason, key, attempts };
  const rejected = await getRaw(deps.raw, key).catch(() => null);
  return { feed, outcome: 'failed', reason: rejected?.meta.reason ?? reason, key, attempts };
}

/**
 * Return the outcome of an accepted answer that neither the raw store nor the spool accepted. The outcome is final: the
 * feed has answered, so a failing store is no reason to send it another request.
 */
export async function lost(deps: AcquireDeps, input: PollInput): Promise<Outcome> {
  const { feed } = input;
  const key = await lastRejected(deps, input);
  const outcome = key === null ? 'missed' : 'failed';
  return { feed, outcome, reason: 'store_failed', key, attempts: activityInfo().attempt };
}

/** Why an attempt brought no accepted answer. */
export interface FailedAttempt {
  reason: string;
  message: string;
  /** Key of the rejected answer in the raw store; null when nothing was received, or nothing could be stored. */
  key: string | null;
  /** Wait that the server asks for, in milliseconds; null when it asks for none. */
  afterMs: number | null;
}

/**
 * Make the failure of an attempt, with the outcome so far. Temporal retries it when another attempt fits into the slot
 * and the reason is not final.
 */
export async function attemptFailure(
  deps: AcquireDeps,
  input: PollInput,
  { reason, message, key: ownKey, afterMs }: FailedAttempt,
): Promise<ApplicationFailure> {
  const { attempt } = activityInfo();
  const { feed, slot, intervalMinutes } = input;
  const key = ownKey ?? (await lastRejected(deps, input));
  const without: Outcome = { feed, outcome: key ? 'failed' : 'missed', reason, key, attempts: attempt };
  const outcome = (await partialOutcome(deps, input, attempt)) ?? without;
  const delayMs = afterMs ?? FIRST_RETRY_DELAY_MS * 3 ** (attempt - 1);
  const fits = deps.now() + delayMs + SHORTEST_REQUEST_MS < pollDeadline(slot, intervalMinutes);
  const isFinal = FINAL_REASONS.has(reason);
  if (isFinal)
    log.warn(`${feed} is not polled again in this slot; the next slot polls it`, { reason, message });
  return ApplicationFailure.create({
    message: `${feed}: ${reason}: ${message}`,
    type: reason,
    nonRetryable: !fits || isFinal,
    nextRetryDelay: delayMs,
    details: [outcome],
    // A failing feed is a normal event, which is stored in the outcomes. It is no error of this program.
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Make the failure of a poll that is impossible until somebody changes the collected feeds. */
export function misconfigured(feed: string, message: string): ApplicationFailure {
  const outcome: Outcome = { feed, outcome: 'missed', reason: 'misconfigured', key: null, attempts: 0 };
  return ApplicationFailure.nonRetryable(message, 'misconfigured', outcome);
}
