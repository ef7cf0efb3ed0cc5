import { isExcluded } from '../../domain/corrections.js';
import { type Day, dayBounds } from '../../domain/day.js';
import type { SlotRange } from '../../domain/slot.js';
import type { Corrections } from '../../stores/corrections.js';
import { listRawDays, listStored } from '../../stores/raw.js';
import { damageOf } from '../../stores/sealed/damage.js';
import type { Store } from '../../stores/store.js';

/** A correction that is about to be made. */
export interface Intended extends SlotRange {
  kind: 'exclude' | 'include';
  feed: string;
}

/** What a correction changes. */
export interface Effect {
  /** Number of accepted answers that begin or cease to count. */
  answers: number;
  /** The days of these answers, and the days with damage, in order. */
  days: Day[];
  /** What is wrong with damaged sealed objects of these days, one line each. */
  damaged: string[];
}

/**
 * Find the answers that a correction changes. Sealed objects of an exclusion are read to their ends: a day whose object
 * is damaged can be excluded, but including it again does not bring its facts back.
 *
 * @param onDay called before each day
 */
export async function effectOf(
  raw: Store,
  { kind, feed, from, to }: Intended,
  { corrections, timeZone, onDay }: { corrections: Corrections; timeZone: string; onDay: (day: Day) => void },
): Promise<Effect> {
  const effect: Effect = { answers: 0, days: [], damaged: [] };
  for (const day of await listRawDays(raw, 'accepted', feed)) {
    const { start, end } = dayBounds(day, timeZone);
    if (end <= from || start >= to) continue;
    onDay(day);
    const before = corrections.ofDay(feed, day, timeZone);
    const isChanged = ({ slot }: { slot: number }) =>
      slot >= from && slot < to && isExcluded(before, slot) !== (kind === 'exclude');
    const listed = await listStored(raw, 'accepted', feed, day, { skipsDamaged: true });
    const changed = listed.filter(isChanged).length;
    const damaged = kind === 'exclude' ? await damageOf(raw, feed, day) : [];
    if (changed + damaged.length === 0) continue;
    effect.answers += changed;
    effect.days.push(day);
    effect.damaged.push(...damaged);
  }
  return effect;
}
