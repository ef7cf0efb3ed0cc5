import pMap from 'p-map';
import { dayOf } from '../../../src/domain/day.js';
import type { Slot } from '../../../src/domain/slot.js';
import type { Fleet } from '../../../src/simulation/feed/fleet.js';
import { putRaw } from '../../../src/stores/raw.js';
import type { Store } from '../../../src/stores/store.js';
import { TIME_ZONE } from './system.js';

const WRITES_AT_ONCE = 16;
const ANSWERED_AFTER_MS = 3_000;

/** Stores what all feeds of a fleet would have answered in some slots, as an import does. */
export async function storeAnswers(raw: Store, fleet: Fleet, slots: readonly Slot[]): Promise<void> {
  const polls = slots.flatMap((slot) => fleet.feeds.map((feed) => ({ slot, feed })));
  const store = ({ slot, feed }: (typeof polls)[number]) => {
    const receivedMs = slot + ANSWERED_AFTER_MS;
    const origin = {
      feed,
      source: 'chargecloud',
      url: null,
      origin: 'import',
      started_at: null,
      http_status: null,
      attempts: 0,
      reason: null,
      file: null,
      slot,
      day: dayOf(slot, TIME_ZONE),
      receivedMs,
    } as const;
    return putRaw(raw, 'accepted', origin, Buffer.from(fleet.envelope(feed, receivedMs)));
  };
  await pMap(polls, store, { concurrency: WRITES_AT_ONCE });
}
