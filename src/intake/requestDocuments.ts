import { shownUrl } from '../domain/shownUrl.js';
import { type Answer, PollFailure } from '../sources/answer.js';
import { type Access, parametersOf } from '../sources/auth/auth.js';
import { contentTypeOf } from '../sources/contentType.js';
import { PagesBroken, PageWalk } from '../sources/paging.js';
import { refusedStatus } from '../sources/refusedStatus.js';
import type { Intake, JudgedPage, Read, Rejection } from './intake.js';

/** Largest number of documents of one poll. The largest public feed has about a thousand pages. */
const MAX_DOCUMENTS = 5_000;

/** An accepted document, with its address. */
export interface AcceptedDocument {
  url: string;
  answer: Answer;
}

/** Why a poll ended before its last document. */
export interface Shortfall {
  /** Address of the document that was missing. */
  url: string;
  /** A word such as `http_500` or `page_loop`. */
  reason: string;
  message: string;
  /** Wait that the server asks for, in milliseconds; null when it asks for none. */
  afterMs: number | null;
  /** The body that was rejected, or the beginning of a body that broke off; undefined when none arrived. */
  body?: Buffer | undefined;
  status?: number | undefined;
  contentType?: string | undefined;
  /** Milliseconds since the epoch. */
  startedMs: number;
  receivedMs: number;
}

/** The documents that one attempt of a poll brought. */
export interface Attempt {
  documents: AcceptedDocument[];
  /** null when all documents of the poll were read. */
  shortfall: Shortfall | null;
}

/** The means to request documents. */
export interface Requesting {
  /**
   * Request one document.
   *
   * @throws PollFailure when no complete response arrives
   */
  request: (url: string) => Promise<Answer>;
  judge: Intake['judge'];
  source: string;
  /** What `request` sends so that the feed recognises this client. */
  access: Access;
  /** Whether to request only the first document, and take it for the whole answer. Default: no. */
  isFirstEnough?: boolean;
  /** Largest number of bytes of all documents together, after decompression. */
  maxBytes: number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * Request the documents of a poll one after another, until the feed names no next page. Ends earlier when a document is
 * rejected or does not arrive, and when a limit is reached.
 *
 * @param url address of the first document
 */
export async function requestDocuments(url: string, requesting: Requesting): Promise<Attempt> {
  const { request, maxBytes, now, isFirstEnough = false } = requesting;
  const documents: AcceptedDocument[] = [];
  const walk = new PageWalk(url, MAX_DOCUMENTS, parametersOf(requesting.access));
  let bytes = 0;
  for (let next: string | null = url; next !== null;) {
    const address: string = next;
    const startedMs = now();
    try {
      const answer = await request(address);
      const { found, rejection } = await judge(requesting, answer);
      if (rejection !== null) return { documents, shortfall: rejected(address, answer, rejection) };
      bytes += answer.body.length;
      if (bytes > maxBytes)
        throw new PollFailure('too_large', `${shownUrl(url)}: more than ${maxBytes} bytes in all documents`);
      documents.push({ url: address, answer });
      next = isFirstEnough ? null : walk.advance(address, { headers: answer.headers, ...found });
    } catch (error) {
      if (!(error instanceof PollFailure || error instanceof PagesBroken)) throw error;
      return { documents, shortfall: brokenOff(error, address, { startedMs, receivedMs: now() }) };
    }
  }
  return { documents, shortfall: null };
}

async function judge(
  { judge: judgeBody, source, access, maxBytes: maxBodyBytes }: Requesting,
  answer: Answer,
): Promise<Read<JudgedPage>> {
  const rejection = refusedStatus(answer, access);
  if (rejection !== null) return { found: null, rejection };
  return judgeBody({ source, body: answer.body, contentType: contentTypeOf(answer.headers), maxBodyBytes });
}

function rejected(url: string, answer: Answer, { reason, message }: Rejection): Shortfall {
  const { headers, body, status, startedMs, receivedMs } = answer;
  const contentType = contentTypeOf(headers);
  const received = { body, status, contentType, startedMs, receivedMs };
  return { url, reason, message: `${shownUrl(url)}: ${message}`, afterMs: retryAfterMs(answer), ...received };
}

function brokenOff(
  error: PollFailure | PagesBroken,
  url: string,
  times: { startedMs: number; receivedMs: number },
): Shortfall {
  const { reason, message } = error;
  if (!(error instanceof PollFailure)) return { url, reason, message, afterMs: null, ...times };
  const body = error.partial?.length ? error.partial : undefined;
  return { url, reason, message, afterMs: null, body, status: error.status, ...times };
}

/**
 * Return the wait in milliseconds that the server asks for by the header `Retry-After`; null without a number of
 * seconds.
 */
function retryAfterMs({ headers }: Answer): number | null {
  const seconds = Number(headers['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}
