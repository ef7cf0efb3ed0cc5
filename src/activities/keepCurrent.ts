import { log } from '@temporalio/activity';
import pMap from 'p-map';
import type { ShownStatuses } from '../cleaning/statuses.js';
import { EXCLUDED, type Outcome, UNREADABLE_CORRECTION } from '../domain/outcome.js';
import type { Slot } from '../domain/slot.js';
import type { Intake } from '../intake/intake.js';
import type { Fields } from '../settings/slice.js';
import { type Corrections, readCorrections, UnreadableCorrection } from '../stores/corrections.js';
import { getRaw } from '../stores/raw.js';
import type { Store } from '../stores/store.js';
import type { CurrentStatus, SlotShown } from '../warehouse/current.js';

/** Number of answers that are read concurrently. */
const READS_AT_ONCE = 4;

/** Dependencies of the activity of the task queue `current`. */
export interface CurrentDeps extends Fields<'loading.bridgedSlots'> {
  raw: Store;
  /** Reads answers on other threads. */
  readStatuses: Intake['readStatuses'];
  /** null when the warehouse has no current statuses. */
  current: CurrentStatus | null;
}

/** Outcomes of some feeds in a slot. */
export interface CurrentInput {
  slot: Slot;
  /** The interval of feeds that are not in `intervals`. */
  intervalMinutes: number;
  /** Intervals of feeds that have one of their own, in minutes. */
  intervals?: Record<string, number>;
  outcomes: Outcome[];
}

/**
 * Update the current statuses from newly stored answers. An answer that can't be read changes no status, and neither
 * does an answer that a correction excludes.
 */
export async function keepCurrent(
  deps: CurrentDeps,
  { slot, intervalMinutes, intervals = {}, outcomes }: CurrentInput,
): Promise<void> {
  const { raw, current, bridgedSlots } = deps;
  if (current === null) return;
  const corrections = await readCorrections(raw);
  const shown = async (outcome: Outcome) => ({
    ...(await shownBy(deps, slot, corrected(corrections, slot, outcome))),
    intervalMinutes: intervals[outcome.feed] ?? intervalMinutes,
  });
  const feeds = await pMap(outcomes, shown, { concurrency: READS_AT_ONCE });
  await current.keep({ slot, feeds }, { bridgedSlots });
}

/** Return the outcome of a feed's slot. It is `failed` when the answer is stored, but excluded. */
function corrected(corrections: Corrections, slot: Slot, outcome: Outcome): Outcome {
  if (outcome.outcome !== 'stored') return outcome;
  try {
    if (!corrections.excludes(outcome.feed, slot)) return outcome;
    return { ...outcome, outcome: 'failed', reason: EXCLUDED };
  } catch (error) {
    if (!(error instanceof UnreadableCorrection)) throw error;
    log.warn(`${outcome.feed}'s answer changes no current status, because it may be excluded`, {
      reason: error.message,
    });
    return { ...outcome, outcome: 'failed', reason: UNREADABLE_CORRECTION };
  }
}

async function shownBy(
  deps: CurrentDeps,
  slot: Slot,
  { feed, outcome, reason, key }: Outcome,
): Promise<Omit<SlotShown['feeds'][number], 'intervalMinutes'>> {
  const isStored = outcome === 'stored' && key !== null;
  const shown = isStored ? await statusesOf(deps, { feed, slot, key }) : null;
  return { feed, outcome, reason, statuses: shown?.statuses ?? new Map(), counts: shown?.counts ?? null };
}

async function statusesOf(
  { raw, readStatuses }: CurrentDeps,
  at: { feed: string; slot: Slot; key: string },
): Promise<ShownStatuses | null> {
  const { meta, body } = await getRaw(raw, at.key);
  const { found, rejection } = await readStatuses({ at, meta, body });
  if (rejection !== null)
    log.warn(`the answer of ${at.feed} can't be read, so its current statuses stay as they were`, {
      ...rejection,
    });
  return found;
}
