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
 *
 * @param shown the feed's address as it may be shown
 * @param from the address that was asked, whose path it may be relative to
 */
export function followRedirect(shown: string, from: string, location: string, status: number): string {
  const to = parseUrl(location, from);
  if (to === null) throw new PollFailure('redirects', `${shown} redirects to no address`, { status });
  const isFromTls = new URL(from).protocol === 'https:';
  if (to.protocol === 'https:' || (to.protocol === 'http:' && !isFromTls)) return to.href;
  throw refused(shown, `redirects from ${new URL(from).protocol} to ${to.protocol}`, status);
}

/** Refuses a redirect to an address of numbers that it may not lead to: no name is resolved on the way there. */
export function checkLiteral(
  shown: string,
  to: string,
  allowedRange: string,
  { mayReach }: Connections,
  status: number,
): void {
  const host = new URL(to).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !mayReach(host, allowedRange))
    throw refused(shown, `redirects to the internal address ${host}`, status);
}

function refused(shown: string, what: string, status: number): PollFailure {
  return new PollFailure('redirect_refused', `${shown} ${what}`, { status });
}

function parseUrl(location: string, base: string): URL | null {
  return URL.canParse(location, base) ? new URL(location, base) : null;
}
