import { activityInfo, log } from '@temporalio/activity';
import { dayBounds, dayOf } from '../../domain/day.js';
import { StoreFailed } from '../../stores/pollStore.js';
import { listRawSlot, listUnsealedSlot, putRaw, type RawKind, type RawObject } from '../../stores/raw.js';
import type { AcquireDeps, PollInput } from './deps.js';

/** List the answers that a poll has already, in the order of receipt. */
export function answersOf(
  { raw, timeZone, now }: AcquireDeps,
  { feed, slot }: PollInput,
  kind: RawKind,
): Promise<RawObject[]> {
  const day = dayOf(slot, timeZone);
  const isOver = dayBounds(day, timeZone).end <= now();
  return (isOver ? listRawSlot : listUnsealedSlot)(raw, kind, feed, day, slot);
}

/** Return the key of a poll's latest rejected answer; null without one. */
export async function lastRejected(deps: AcquireDeps, input: PollInput): Promise<string | null> {
  return (await answersOf(deps, input, 'rejected')).at(-1)?.key ?? null;
}

/**
 * An answer, or the beginning of an answer that broke off, with its origin. Times are milliseconds since the epoch.
 */
export interface Received {
  source: string;
  url: string;
  /** Why the answer is rejected; null when it is accepted. */
  reason: string | null;
  status?: number | undefined;
  /** The header `Content-Type`; undefined when it is not known. */
  contentType?: string | undefined;
  body?: Buffer | undefined;
  startedMs: number;
  receivedMs: number;
}

/** Store an answer. Returns its key; null when neither the raw store nor the spool accepts the answer. */
export async function storeAnswer(
  { raw, timeZone }: AcquireDeps,
  { feed, slot }: PollInput,
  received: Received,
): Promise<string | null> {
  const origin = {
    feed,
    source: received.source,
    url: received.url,
    origin: 'poll',
    started_at: new Date(received.startedMs).toISOString(),
    http_status: received.status ?? null,
    content_type: received.contentType,
    attempts: activityInfo().attempt,
    reason: received.reason,
    file: null,
    slot,
    day: dayOf(slot, timeZone),
    receivedMs: received.receivedMs,
  } as const;
  try {
    const kind = received.reason === null ? 'accepted' : 'rejected';
    return await putRaw(raw, kind, origin, received.body ?? Buffer.alloc(0));
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    log.error('an answer was stored neither in the raw store nor in the spool', {
      feed,
      reason: error.message,
    });
    return null;
  }
}
