import type { Day } from '../domain/day.js';
import { isSlot, parseSlot, type Slot } from '../domain/slot.js';
import { RAW_FOLDERS, type RawKind } from './rawObject.js';
import { listSealedDays, readGenerations, withoutVanishing } from './sealed/generations.js';
import type { SealedIndex } from './sealed/sealedIndex.js';
import type { FeedOutcome } from './slotRuns.js';
import type { Store } from './store.js';

/** In which slots of some days a feed has answers, and what its sealed days say of the others. */
export interface FeedSlots {
  feed: string;
  /** Slots with a good answer. */
  stored: Set<Slot>;
  /** Slots with a wrong answer. */
  answered: Set<Slot>;
  /** Of slots that are not stored. */
  outcomes: FeedOutcome[];
  /** Of slots all of whose answers are sealed: why the last one is wrong. */
  sealedReasons: Map<Slot, string>;
}

/**
 * Lists a feed's slots. Of answers that are objects of their own only the folders are listed, so that one request tells a
 * day; of a sealed day the index is read.
 */
export async function listFeedSlots(store: Store, feed: string, days: readonly Day[]): Promise<FeedSlots> {
  return withoutVanishing(async () => {
    const singles = {
      stored: await listFolders(store, 'accepted', feed, days),
      answered: await listFolders(store, 'rejected', feed, days),
    };
    // What vanished from the folders while they were listed is sealed by now.
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

/** A year of indexes would not fit into memory: what nobody will ask for is not kept. */
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
