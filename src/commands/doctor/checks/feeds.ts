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
        warning(
          'Ladepuls polls no feed.',
          'Add a feed with "ladepuls feeds add NAME", or resume a paused feed with "ladepuls feeds resume NAME".',
        ),
      ];
    const failing = checks.filter(({ answers }) => !answers);
    if (failing.length === 0)
      return [
        ok(
          `${checks.length === 1 ? 'The feed gives' : `All ${checks.length} feeds give`} an accepted answer.`,
        ),
      ];
    const named = failing.slice(0, NAMED_AT_MOST).map(({ feed, reason }) => `${feed} (${reason})`);
    const more = failing.length - named.length;
    const list = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    if (failing.length === checks.length)
      return [
        problem(
          `No feed gives an accepted answer: ${list}.`,
          'Check the network, its proxy (HTTPS_PROXY) and LADEPULS_CHARGECLOUD_URL. Then run "ladepuls feeds check".',
        ),
      ];
    return [
      warning(
        `${failing.length} of ${checks.length} feeds give no accepted answer: ${list}.`,
        'Run "ladepuls feeds check". Its column "reason" shows whether the fault is in the feed or in this network (docs/reasons.md).',
      ),
    ];
  },
};
