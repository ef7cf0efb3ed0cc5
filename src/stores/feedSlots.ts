import { type ExcludedSlots, isExcluded } from '../domain/corrections.js';
import type { Day } from '../domain/day.js';
import { isSlot, parseSlot, type Slot, type SlotRange } from '../domain/slot.js';
import { RAW_FOLDERS, type RawKind } from './rawObject.js';
import { listSealedDays, readReadable, withoutVanishing } from './sealed/generations.js';
import type { SealedIndex } from './sealed/sealedIndex.js';
import type { FeedOutcome } from './slotRuns.js';
import type { Store } from './store.js';

/** A day, and the slots of it whose answers corrections exclude. */
export interface DayOfFeed {
  day: Day;
  excluded: ExcludedSlots;
}

/** The slots of some days in which a feed has answers, and what its sealed days say of other slots. */
export interface FeedSlots {
  feed: string;
  /** Slots with an accepted answer that is not excluded. */
  stored: Set<Slot>;
  /** Return whether a slot has accepted answers, and a correction excludes them. */
  isExcluded: (slot: Slot) => boolean;
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
 *
 * When corrections exclude a whole day and the index of one of its sealed objects is damaged, all slots of the day count
 * as excluded: which of them have answers can't be known.
 *
 * @throws UnreadableObject when the index of another day's sealed object is damaged
 */
export async function listFeedSlots(
  store: Store,
  feed: string,
  days: readonly DayOfFeed[],
): Promise<FeedSlots> {
  return withoutVanishing(async () => {
    const names = days.map(({ day }) => day);
    const singles = {
      stored: await listFolders(store, 'accepted', feed, names),
      answered: await listFolders(store, 'rejected', feed, names),
    };
    // Sealed days are listed last: an answer that disappears from the folders during the listing is then sealed.
    const slots: FeedSlots = {
      feed,
      stored: singles.stored,
      isExcluded: () => false,
      answered: new Set(singles.answered),
      outcomes: [],
      sealedReasons: new Map(),
    };
    const sealed = new Set(await listSealedDays(store, feed));
    const unreadable: SlotRange[] = [];
    for (const { day, excluded } of days.filter(({ day: wanted }) => sealed.has(wanted))) {
      const skipsDamaged = excluded.isWholeDay;
      const { generations, skipped } = await readReadable(store, feed, day, { skipsDamaged });
      for (const { index } of generations) addIndex(slots, index);
      if (skipped > 0) unreadable.push(...excluded.ranges);
    }
    for (const slot of singles.answered) slots.sealedReasons.delete(slot);
    return { ...slots, ...divide(slots.stored, days, unreadable) };
  });
}

/** Divide the slots with accepted answers into those that count and those that are excluded. */
function divide(
  stored: ReadonlySet<Slot>,
  days: readonly DayOfFeed[],
  unreadable: readonly SlotRange[],
): Pick<FeedSlots, 'stored' | 'isExcluded'> {
  const ranges = days.flatMap(({ excluded }) => excluded.ranges);
  const excluded = new Set([...stored].filter((slot) => isExcluded({ ranges }, slot)));
  return {
    stored: new Set([...stored].filter((slot) => !excluded.has(slot))),
    isExcluded: (slot) => excluded.has(slot) || isExcluded({ ranges: unreadable }, slot),
  };
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
