import { activityInfo, log } from '@temporalio/activity';
import { dayBounds, dayOf } from '../../domain/day.js';
import { shownUrl } from '../../domain/shownUrl.js';
import type { AcceptedDocument, Shortfall } from '../../intake/requestDocuments.js';
import { contentTypeOf } from '../../sources/contentType.js';
import { StoreFailed } from '../../stores/pollStore.js';
import {
  listRawSlot,
  listUnsealedSlot,
  putRaw,
  type RawDocument,
  type RawKind,
  type RawObject,
  type RawOrigin,
  wholeFirst,
} from '../../stores/raw.js';
import type { AcquireDeps, PollInput } from './deps.js';

/** List the answers that a poll has already: those with all their documents first, then in the order of receipt. */
export async function answersOf(
  { raw, timeZone, now }: AcquireDeps,
  { feed, slot }: PollInput,
  kind: RawKind,
): Promise<RawObject[]> {
  const day = dayOf(slot, timeZone);
  const isOver = dayBounds(day, timeZone).end <= now();
  return wholeFirst(await (isOver ? listRawSlot : listUnsealedSlot)(raw, kind, feed, day, slot));
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
  /** The header `Content-Type`; undefined when it is not known, or each document has its own. */
  contentType?: string | undefined;
  body?: Buffer | undefined;
  startedMs: number;
  receivedMs: number;
  /** The documents in the body, in their order; absent when the body is one whole document. */
  documents?: RawDocument[];
  /** Why documents are missing after these; absent when these are all. */
  missing?: string;
}

/** Store an answer. Returns its key; null when neither the raw store nor the spool accepts it. */
export async function storeAnswer(
  { raw, timeZone }: AcquireDeps,
  { feed, slot }: PollInput,
  { source, url, reason, status, contentType, body = Buffer.alloc(0), startedMs, ...rest }: Received,
): Promise<string | null> {
  const origin: RawOrigin = {
    source,
    url,
    reason,
    http_status: status ?? null,
    content_type: contentType,
    started_at: new Date(startedMs).toISOString(),
    feed,
    origin: 'poll',
    attempts: activityInfo().attempt,
    file: null,
    slot,
    day: dayOf(slot, timeZone),
    ...rest,
  };
  try {
    return await putRaw(raw, reason === null ? 'accepted' : 'rejected', origin, body);
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    log.error('an answer was stored neither in the raw store nor in the spool', {
      feed,
      reason: error.message,
    });
    return null;
  }
}

/**
 * Store the accepted documents of an attempt, at least one, as one answer. Its instants are those of the first document.
 * Returns its key; null when neither the raw store nor the spool accepts it.
 *
 * @param shortfall why documents are missing after these; null when these are all
 */
export function storeDocuments(
  deps: AcquireDeps,
  input: PollInput,
  { source, url }: { source: string; url: string },
  documents: readonly AcceptedDocument[],
  shortfall: Shortfall | null,
): Promise<string | null> {
  const [first] = documents;
  if (first === undefined) throw new RangeError('an answer has at least one document');
  const { status, headers, startedMs, receivedMs, body } = first.answer;
  const received = { source, url, reason: null, status, startedMs, receivedMs };
  if (documents.length === 1 && shortfall === null)
    return storeAnswer(deps, input, { ...received, contentType: contentTypeOf(headers), body });
  return storeAnswer(deps, input, {
    ...received,
    body: Buffer.concat(documents.map(({ answer }) => answer.body)),
    documents: documents.map(describeDocument),
    ...(shortfall !== null && { missing: shortfall.reason }),
  });
}

function describeDocument({
  url,
  answer: { status, headers, receivedMs, body },
}: AcceptedDocument): RawDocument {
  return {
    url: shownUrl(url),
    http_status: status,
    received_at: new Date(receivedMs).toISOString(),
    content_type: contentTypeOf(headers),
    length: body.length,
  };
}
