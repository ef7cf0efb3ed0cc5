import type { Day } from '../domain/day.js';
import { isSlot, parseSlot, type Slot } from '../domain/slot.js';
import { RAW_FOLDERS, type RawKind } from './rawObject.js';
import { listSealedDays, readGenerations, withoutVanishing } from './sealed/generations.js';
import type { SealedIndex } from './sealed/sealedIndex.js';
import type { FeedOutcome } from './slotRuns.js';
import type { Store } from './store.js';

/** The slots of some days in which a feed has answers, and what its sealed days say of other slots. */
export interface FeedSlots {
  feed: string;
  /** Slots with an accepted answer. */
  stored: Set<Slot>;
  /** Slots with a rejected answer. */
  answered: Set<Slot>;
  /** Sealed outcomes of slots that are not stored. */
  outcomes: FeedOutcome[];
  /** For slots whose answers are all sealed: the reason of the last rejected answer. */
  sealedReasons: Map<Slot, string>;
}

/**
 * List a feed's slots. For unsealed answers, only folders are listed, so that one request covers a day. For a sealed
 * day, the index is read.
 */
export async function listFeedSlots(store: Store, feed: string, days: readonly Day[]): Promise<FeedSlots> {
  return withoutVanishing(async () => {
    const singles = {
      stored: await listFolders(store, 'accepted', feed, days),
      answered: await listFolders(store, 'rejected', feed, days),
    };
    // Sealed days are listed last: an answer that disappears from the folders during the listing is then sealed.
    const slots: FeedSlots = {
      feed,
      stored: singles.stored,
      answered: new Set(singles.answered),
      outcomes: [],
      sealedReasons: new Map(),
    };
    const sealed = new Set(await listSealedDays(store, feed));
    for (const day of days.filter((wanted) => sealed.has(wanted)))
      for (const { index } of await readGenerations(store, feed, day)) addIndex(slots, index);
    for (const slot of singles.answered) slots.sealedReasons.delete(slot);
    return slots;
  });
}

/**
 * Add the slots of an index. Outcomes and reasons of stored slots are left out, because a year of complete indexes
 * would not fit into memory.
 */
function addIndex(slots: FeedSlots, index: SealedIndex): void {
  for (const { kind, slot } of index.answers) (kind === 'accepted' ? slots.stored : slots.answered).add(slot);
  for (const { kind, slot, reason } of index.answers)
    if (kind === 'rejected' && reason !== null && !slots.stored.has(slot))
      slots.sealedReasons.set(slot, reason);
  slots.outcomes.push(...index.outcomes.filter(({ slot }) => !slots.stored.has(parseSlot(slot))));
}

async function listFolders(
  store: Store,
  kind: RawKind,
  feed: string,
  days: readonly Day[],
): Promise<Set<Slot>> {
  const there = new Set(await store.listFolders(`${RAW_FOLDERS[kind]}/${feed}/`));
  const slots = new Set<Slot>();
  for (const day of days.filter((wanted) => there.has(wanted)))
    for (const name of await store.listFolders(`${RAW_FOLDERS[kind]}/${feed}/${day}/`))
      if (isSlot(name)) slots.add(parseSlot(name));
  return slots;
}
