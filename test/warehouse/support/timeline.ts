import pMap from 'p-map';
import { expect } from 'vitest';
import { type Day, slotsOfDay } from '../../../src/domain/day.js';
import { recordImport } from '../../../src/stores/collectionLog.js';
import { envelope, FEED, point, putPoll, station, ZONE } from '../../cleaning/support/polls.js';
import type { LoadBench } from './loads.js';

const WORDS: Record<string, string | null> = {
  a: 'AVAILABLE',
  c: 'CHARGING',
  b: 'BLOCKED',
  o: 'OUTOFORDER',
  i: 'INOPERATIVE',
  u: 'UNKNOWN',
  n: 'NEVER_HEARD_OF',
  '.': null,
};

/** Number of parallel writes; each waits for the disk several times. */
const PUTS_AT_ONCE = 8;

/** Returns the stations in a slot's answer; one of them has the charging point 11. */
export type Shown = (status: string, slotOfDay: number) => unknown[];

const ALONE: Shown = (status) => [station('1', [point('11', status)])];

/**
 * Store a poll of the charging point 11 for each slot, from the beginning of a local day to its end or until the
 * statuses end. For example, `a*3 c .*2` are three slots of AVAILABLE, one of CHARGING, and two without a poll.
 */
export async function showTimeline(
  { raw }: Pick<LoadBench, 'raw'>,
  day: Day,
  statuses: string,
  { minutes = 10, shown = ALONE }: { minutes?: number; shown?: Shown } = {},
): Promise<void> {
  await recordImport(raw, { feed: FEED, source: 'chargecloud', day, intervalMinutes: minutes });
  const slots = slotsOfDay(day, ZONE, minutes);
  const letters = Array.from(
    statuses
      .replaceAll(/(\S)\*(\d+)/g, (_, letter: string, times: string) => letter.repeat(Number(times)))
      .replaceAll(' ', ''),
  );
  expect(letters.length).toBeLessThanOrEqual(slots.length);
  await pMap(
    letters,
    async (letter, index) => {
      const status = WORDS[letter];
      if (status === undefined) throw new Error(`there is no status "${letter}"`);
      const slot = slots[index] ?? NaN;
      if (status !== null) await putPoll(raw, { slot, body: envelope(slot, shown(status, index)) });
    },
    { concurrency: PUTS_AT_ONCE },
  );
}
