import { log } from '@temporalio/activity';
import pMap from 'p-map';
import type { Outcome } from '../domain/outcome.js';
import type { Slot } from '../domain/slot.js';
import type { Intake } from '../intake/intake.js';
import type { Fields } from '../settings/slice.js';
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
  intervalMinutes: number;
  outcomes: Outcome[];
}

/** Update the current statuses from newly stored answers. An answer that can't be read changes no status. */
export async function keepCurrent(
  deps: CurrentDeps,
  { slot, intervalMinutes, outcomes }: CurrentInput,
): Promise<void> {
  const { current, bridgedSlots } = deps;
  if (current === null) return;
  const shown = (outcome: Outcome) => shownBy(deps, slot, outcome);
  const feeds = await pMap(outcomes, shown, { concurrency: READS_AT_ONCE });
  await current.keep({ slot, intervalMinutes, feeds }, { bridgedSlots });
}

async function shownBy(
  deps: CurrentDeps,
  slot: Slot,
  { feed, outcome, reason, key }: Outcome,
): Promise<SlotShown['feeds'][number]> {
  const isStored = outcome === 'stored' && key !== null;
  const statuses = isStored ? await statusesOf(deps, { feed, slot, key }) : new Map<string, string>();
  return { feed, outcome, reason, statuses };
}

async function statusesOf(
  { raw, readStatuses }: CurrentDeps,
  at: { feed: string; slot: Slot; key: string },
): Promise<Map<string, string>> {
  const { meta, body } = await getRaw(raw, at.key);
  const { source, received_at: receivedAt, content_type: contentType } = meta;
  const { found, rejection } = await readStatuses({ at, source, receivedAt, body, contentType });
  if (rejection !== null)
    log.warn(`the answer of ${at.feed} can't be read, so its current statuses stay as they were`, {
      ...rejection,
    });
  return found ?? new Map<string, string>();
}
