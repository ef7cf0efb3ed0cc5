import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Connections } from './connection.js';
import { PollFailure } from './pollFailure.js';

/** The statuses that send a GET elsewhere. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where an answer sends the request; null where it is the answer itself. */
export function redirectOf({ statusCode, headers }: IncomingMessage): string | null {
  return REDIRECTS.has(statusCode ?? 0) ? (headers.location ?? null) : null;
}

/**
 * The address that a redirect leads to. Throws {@link PollFailure} where that is none, or where the redirect leads out of TLS.
 * @param from the address that was asked, whose path it may be relative to
 */
export function followRedirect(feedUrl: string, from: string, location: string, status: number): string {
  const to = parseUrl(location, from);
  if (to === null) throw new PollFailure('redirects', `${feedUrl} redirects to no address`, { status });
  const isFromTls = new URL(from).protocol === 'https:';
  if (to.protocol === 'https:' || (to.protocol === 'http:' && !isFromTls)) return to.href;
  throw refused(feedUrl, `redirects from ${new URL(from).protocol} to ${to.protocol}`, status);
}

/** Refuses a redirect to an address of numbers that it may not lead to: no name is resolved on the way there. */
export function checkLiteral(
  feedUrl: string,
  to: string,
  allowedRange: string,
  { mayReach }: Connections,
  status: number,
): void {
  const host = new URL(to).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !mayReach(host, allowedRange))
    throw refused(feedUrl, `redirects to the internal address ${host}`, status);
}

function refused(feedUrl: string, what: string, status: number): PollFailure {
  return new PollFailure('redirect_refused', `${feedUrl} ${what}`, { status });
}

function parseUrl(location: string, base: string): URL | null {
  return URL.canParse(location, base) ? new URL(location, base) : null;
}
