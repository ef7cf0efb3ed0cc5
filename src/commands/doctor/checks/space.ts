import { describeBytes } from '../../../domain/byteSize.js';
import { isUnknown } from '../../../domain/statusFacts.js';
import type { Check } from '../check.js';
import { ok } from '../finding.js';
import { ofStatus } from '../ofStatus.js';

/** Disk space that a feed needs for one day: answers until they are sealed, flat files, and facts. */
const FEED_DAY_BYTES = 1_000_000;

/**
 * Compare the free space of the disks for the home directory, the stores and Postgres with the space that a day needs.
 */
export const space: Check = {
  name: 'disk',
  needs: 'settings',
  async look({ config, status }) {
    const found = await status();
    const short = ofStatus(found, ['space_short', 'space_unknown', 'files_short']);
    if (short.length > 0) return short;
    const dayBytes = config.polling.feeds.length * FEED_DAY_BYTES;
    return found.space.flatMap(({ folder, holds, state }) => {
      if (isUnknown(state)) return [];
      const days = dayBytes === 0 ? '' : `; a day takes about ${describeBytes(dayBytes)} before it is sealed`;
      return [ok(`${describeBytes(state.freeBytes)} are free at ${folder} (${holds.join(', ')})${days}.`)];
    });
  },
};
