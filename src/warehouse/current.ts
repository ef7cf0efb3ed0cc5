import type { Outcome } from '../domain/outcome.js';
import type { Slot } from '../domain/slot.js';

/** What one slot showed of some feeds. */
export interface SlotShown {
  slot: Slot;
  intervalMinutes: number;
  feeds: (Pick<Outcome, 'feed' | 'outcome' | 'reason'> & {
    /** Statuses by `id_cp`, of a good answer that could be read. */
    statuses: ReadonlyMap<string, string>;
  })[];
}

/** Keeps what is now, beside what loads publish. */
export interface CurrentStatus {
  /**
   * Takes in what a slot showed. What a later slot has shown stays; taking in the same again changes nothing.
   * @param bridgedSlots a status goes on over so many missing slots
   */
  keep(shown: SlotShown, options: { bridgedSlots: number; isRebuild?: boolean }): Promise<void>;
  /** Makes the statuses of the warehouse that is being rebuilt anew, as far as its loaded days know them. */
  seedRebuilt(): Promise<void>;
  /** The last slot of each feed that is loaded. */
  loadedSlots(options: { isRebuild: boolean }): Promise<Map<string, Slot>>;
  close(): Promise<void>;
}
