import { log } from '@temporalio/activity';
import pMap from 'p-map';
import type { Outcome } from '../domain/outcome.js';
import type { Slot } from '../domain/slot.js';
import type { Intake } from '../intake/intake.js';
import { getRaw } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { CurrentStatus, SlotShown } from '../warehouse/current.js';

/** Answers read at once. */
const READS_AT_ONCE = 4;

export interface CurrentDeps {
  raw: Store;
  /** Reads answers off the event loop. */
  readStatuses: Intake['readStatuses'];
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
export function createCurrentActivities({ raw, readStatuses, current, bridgedSlots }: CurrentDeps) {
  const statusesOf = async (at: { feed: string; slot: Slot; key: string }): Promise<Map<string, string>> => {
    const { meta, body } = await getRaw(raw, at.key);
    const { found, rejection } = await readStatuses({
      at,
      source: meta.source,
      receivedAt: meta.received_at,
      body,
    });
    if (rejection !== null) log.warn(`${at.feed}'s answer changes no current status`, { ...rejection });
    return found ?? new Map<string, string>();
  };
  const read = async (
    slot: Slot,
    { feed, outcome, reason, key }: Outcome,
  ): Promise<SlotShown['feeds'][number]> => {
    const isStored = outcome === 'stored' && key !== null;
    const statuses = isStored ? await statusesOf({ feed, slot, key }) : new Map<string, string>();
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
