import { getProxyForUrl } from 'proxy-from-env';
import { PollFailure } from './pollFailure.js';

/** Whether the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY) has an address asked through a proxy. */
export function hasProxy(url: string): boolean {
  return getProxyForUrl(url) !== '';
}

/**
 * Refuses a redirect to another host where a proxy stands between: the proxy resolves the host's name, so that nobody here can
 * tell where the redirect leads. Within the feed's own host it leads where the feed is configured to lead.
 *
 * @param shown the feed's address as it may be shown
 * @throws PollFailure with the reason `redirect_refused`
 */
export function checkProxied(shown: string, feedUrl: string, to: string, status: number): void {
  if (isSameHost(feedUrl, to) || !(hasProxy(feedUrl) || hasProxy(to))) return;
  throw new PollFailure(
    'redirect_refused',
    `${shown} redirects to ${new URL(to).host}, and through a proxy no redirect to another host is followed`,
    { status },
  );
}

/** Whether two addresses are asked at the same host and port by the same scheme. */
export function isSameHost(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin;
}
