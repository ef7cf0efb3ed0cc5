import pMap from 'p-map';
import { readStatuses } from '../cleaning/statuses.js';
import type { Outcome } from '../domain/outcome.js';
import type { Slot } from '../domain/slot.js';
import { getRaw } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { CurrentStatus, SlotShown } from '../warehouse/current.js';

/** Answers read at once. */
const READS_AT_ONCE = 4;

export interface CurrentDeps {
  raw: Store;
  /** null: the warehouse keeps no current statuses. */
  current: CurrentStatus | null;
  bridgedSlots: number;
}

/** What became of some feeds in a slot. */
export interface CurrentInput {
  slot: Slot;
  intervalMinutes: number;
  outcomes: Outcome[];
}

export type CurrentActivities = ReturnType<typeof createCurrentActivities>;

/** The activity of the task queue `current`. */
export function createCurrentActivities({ raw, current, bridgedSlots }: CurrentDeps) {
  const read = async (
    slot: Slot,
    { feed, outcome, reason, key }: Outcome,
  ): Promise<SlotShown['feeds'][number]> => {
    const isStored = outcome === 'stored' && key !== null;
    const statuses = isStored
      ? readStatuses({ feed, slot, key }, await getRaw(raw, key))
      : new Map<string, string>();
    return { feed, outcome, reason, statuses };
  };
  return {
    /** Takes what polls have just stored into the current statuses. An answer that can't be read changes none. */
    keepCurrent: async ({ slot, intervalMinutes, outcomes }: CurrentInput): Promise<void> => {
      if (current === null) return;
      const feeds = await pMap(outcomes, (outcome) => read(slot, outcome), { concurrency: READS_AT_ONCE });
      await current.keep({ slot, intervalMinutes, feeds }, { bridgedSlots });
    },
  };
}
