import { activityInfo, ApplicationFailure, log } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { Outcome } from '../../domain/outcome.js';
import { pollDeadline } from '../../domain/slot.js';
import { EXCESSIVE } from '../../sources/answerLimits.js';
import { getRaw } from '../../stores/raw.js';
import { lastRejected } from './answers.js';
import type { AcquireDeps, PollInput } from './deps.js';

/** Wait before the second request of a feed in a slot; each further wait is three times as long. */
const FIRST_RETRY_DELAY_MS = 4_000;
/** Asked again in the same slot, a feed would answer so again, and every answer costs much. */
const FINAL_REASONS: ReadonlySet<string> = new Set([...EXCESSIVE, 'redirect_refused']);
/** A request that can't have this long is not begun. */
export const SHORTEST_REQUEST_MS = 1_000;

/**
 * Returns the outcome of an accepted answer. While the answer waits in the spool it does not count as stored, since
 * this machine alone has it.
 */
export async function stored({ raw }: AcquireDeps, feed: string, key: string): Promise<Outcome> {
  const attempts = Math.max(1, activityInfo().attempt);
  if (await raw.isWaiting(key)) return { feed, outcome: 'missed', reason: 'spooled', key, attempts };
  return { feed, outcome: 'stored', reason: null, key, attempts };
}

/** Returns the outcome without a request: failed where an earlier attempt was rejected, and for that attempt's reason. */
export async function leftOut(
  deps: AcquireDeps,
  input: PollInput,
  reason: 'early' | 'late',
): Promise<Outcome> {
  const { feed } = input;
  const attempts = activityInfo().attempt - 1;
  const key = await lastRejected(deps, input);
  if (key === null) return { feed, outcome: 'missed', reason, key, attempts };
  const rejected = await getRaw(deps.raw, key).catch(() => null);
  return { feed, outcome: 'failed', reason: rejected?.meta.reason ?? reason, key, attempts };
}

/**
 * Returns the outcome of an accepted answer that neither raw store nor spool took. The outcome is final: the feed has
 * answered, and is not asked again because of the store.
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
  /** Of the rejected answer in the raw store; null where nothing came or nothing could be stored. */
  key: string | null;
  /** The wait that the server asks for, in milliseconds; null: none. */
  afterMs: number | null;
}

/** Makes the failure of an attempt, which carries the outcome so far. It is retried while another attempt fits into the slot. */
export async function attemptFailure(
  deps: AcquireDeps,
  input: PollInput,
  { reason, message, key: ownKey, afterMs }: FailedAttempt,
): Promise<ApplicationFailure> {
  const { attempt } = activityInfo();
  const { feed, slot, intervalMinutes } = input;
  const key = ownKey ?? (await lastRejected(deps, input));
  const outcome: Outcome = { feed, outcome: key ? 'failed' : 'missed', reason, key, attempts: attempt };
  const delayMs = afterMs ?? FIRST_RETRY_DELAY_MS * 3 ** (attempt - 1);
  const fits = deps.now() + delayMs + SHORTEST_REQUEST_MS < pollDeadline(slot, intervalMinutes);
  const isFinal = FINAL_REASONS.has(reason);
  if (isFinal) log.warn(`${feed} is not asked again in this slot`, { reason, message });
  return ApplicationFailure.create({
    message: `${feed}: ${reason}: ${message}`,
    type: reason,
    nonRetryable: !fits || isFinal,
    nextRetryDelay: delayMs,
    details: [outcome],
    // A feed in trouble is an everyday thing, stored in the outcomes; it is no error of this program.
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Makes the failure of a poll that can't be begun until somebody has changed the collected feeds. */
export function misconfigured(feed: string, message: string): ApplicationFailure {
  const outcome: Outcome = { feed, outcome: 'missed', reason: 'misconfigured', key: null, attempts: 0 };
  return ApplicationFailure.nonRetryable(message, 'misconfigured', outcome);
}
