import { describeDuration } from '../../../domain/duration.js';
import type { Check } from '../check.js';
import { FEEDS_LIMIT_SECONDS } from '../askedFeeds.js';
import { ok, problem, warning } from '../finding.js';

/** Tolerated difference. The `Date` header has a resolution of one second, and the answer itself takes time. */
const FAR_MS = 60_000;
/** Largest difference from the receipt at which Ladepuls believes the time that a feed tells. */
const MOST_MS = 15 * 60_000;

/** Compare this machine's clock with the time that the feeds' servers tell. */
export const clock: Check = {
  name: 'clock',
  needs: 'settings',
  limitSeconds: FEEDS_LIMIT_SECONDS,
  async look({ askFeeds }) {
    const { clockOffsetsMs } = await askFeeds();
    const sorted = [...clockOffsetsMs].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    if (median === undefined) return [ok('Not compared: no feed told the time.')];
    const far = Math.abs(median);
    if (far < FAR_MS) return [ok("This machine's clock agrees with the feeds'.")];
    const message = `This machine's clock is ${describeDuration(far)} ${median > 0 ? 'ahead of' : 'behind'} the feeds'.`;
    const advice =
      'Synchronize the clock with the network: run "timedatectl set-ntp true", or check chronyd or ntpd.';
    return [
      far > MOST_MS
        ? problem(`${message} Ladepuls assigns polls to wrong slots.`, advice)
        : warning(`${message} Ladepuls may assign a poll to the slot before or after.`, advice),
    ];
  },
};
