import type { Check } from '../check.js';
import { ok, problem, warning } from '../finding.js';
import { FEEDS_LIMIT_SECONDS } from '../askedFeeds.js';

const NAMED_AT_MOST = 5;

/** Send one request to each feed that is collected and not paused, and check that its answer is accepted. */
export const feeds: Check = {
  name: 'feeds',
  needs: 'settings',
  limitSeconds: FEEDS_LIMIT_SECONDS,
  async look({ askFeeds }) {
    const { checks } = await askFeeds();
    if (checks.length === 0)
      return [
        warning('No feed is to be polled.', 'Add one with "ladepuls feeds add NAME", or resume paused ones.'),
      ];
    const failing = checks.filter(({ answers }) => !answers);
    if (failing.length === 0)
      return [
        ok(`${checks.length === 1 ? 'The feed gives' : `All ${checks.length} feeds give`} an accepted answer.`),
      ];
    const named = failing.slice(0, NAMED_AT_MOST).map(({ feed, reason }) => `${feed} (${reason})`);
    const more = failing.length - named.length;
    const list = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    if (failing.length === checks.length)
      return [
        problem(
          `No feed gives an accepted answer: ${list}.`,
          'Look at this network, at its proxy (HTTPS_PROXY) and at LADEPULS_CHARGECLOUD_URL; "ladepuls feeds check" asks again.',
        ),
      ];
    return [
      warning(
        `${failing.length} of ${checks.length} feeds give no accepted answer: ${list}.`,
        'Ask them again with "ladepuls feeds check"; the reason says whether the operator or this network has to be looked at.',
      ),
    ];
  },
};
