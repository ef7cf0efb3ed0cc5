import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Connections } from './connection.js';
import { PollFailure } from './pollFailure.js';

/** The statuses that redirect a GET request. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Return the location that a response redirects to; null when it is no redirect. */
export function redirectOf({ statusCode, headers }: IncomingMessage): string | null {
  return REDIRECTS.has(statusCode ?? 0) ? (headers.location ?? null) : null;
}

/**
 * Return the address that a redirect leads to.
 *
 * @param shown the feed's address without secrets
 * @param from the requested address, which the location may be relative to
 * @throws PollFailure when the location is not an address, or leads from https to http
 */
export function followRedirect(shown: string, from: string, location: string, status: number): string {
  const to = parseUrl(location, from);
  if (to === null)
    throw new PollFailure('redirects', `${shown} redirects to a location that is not a valid address`, {
      status,
    });
  const isFromTls = new URL(from).protocol === 'https:';
  if (to.protocol === 'https:' || (to.protocol === 'http:' && !isFromTls)) return to.href;
  throw refused(shown, `redirects from ${new URL(from).protocol} to ${to.protocol}`, status);
}

/**
 * Check a redirect to a literal IP address. Needed because no host name is resolved, so that `lookup` is not called.
 *
 * @throws PollFailure when the address is internal and not allowed
 */
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
