import type { PollCounts } from '../domain/completeness.js';
import type { Outcome } from '../domain/outcome.js';
import type { Slot } from '../domain/slot.js';

/** Statuses and outcomes that some feeds had in one slot. */
export interface SlotShown {
  slot: Slot;
  feeds: (Pick<Outcome, 'feed' | 'outcome' | 'reason'> & {
    /** Interval at which the feed is polled. */
    intervalMinutes: number;
    /** Status for each `id_cp`; empty unless the answer was accepted and could be read. */
    statuses: ReadonlyMap<string, string>;
    /** Counts of the answer; null unless it was accepted and could be read. */
    counts: PollCounts | null;
  })[];
}

/** Store of current statuses, beside the days that loads publish. */
export interface CurrentStatus {
  /**
   * Store the statuses and outcomes of a slot. Data of a later slot is not overwritten. Idempotent.
   *
   * @param options.bridgedSlots number of missing slots over which a status continues
   */
  keep(shown: SlotShown, options: { bridgedSlots: number; isRebuild?: boolean }): Promise<void>;
  /** Derive the current statuses of the warehouse that is being rebuilt, from its loaded days. */
  seedRebuilt(): Promise<void>;
  /** Return the last loaded slot of each feed. */
  loadedSlots(options: { isRebuild: boolean }): Promise<Map<string, Slot>>;
  close(): Promise<void>;
}
