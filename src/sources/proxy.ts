import { getProxyForUrl } from 'proxy-from-env';
import { PollFailure } from './pollFailure.js';

/** Return whether the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY) names a proxy for an address. */
export function hasProxy(url: string): boolean {
  return getProxyForUrl(url) !== '';
}

/**
 * Check a redirect when a proxy is used: it must not lead to another host. The proxy resolves host names, so that this
 * process can't check the address that a redirect leads to. A redirect within the feed's own host is allowed.
 *
 * @param shown the feed's address without secrets
 * @throws PollFailure with the reason `redirect_refused`
 */
export function checkProxied(shown: string, feedUrl: string, to: string, status: number): void {
  if (isSameHost(feedUrl, to) || !(hasProxy(feedUrl) || hasProxy(to))) return;
  throw new PollFailure(
    'redirect_refused',
    `${shown} redirects to another host, ${new URL(to).host}, which is not allowed when a proxy is used`,
    { status },
  );
}

/** Return whether two addresses have the same scheme, host and port. */
export function isSameHost(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin;
}
