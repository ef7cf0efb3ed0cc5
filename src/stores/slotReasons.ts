import pMap from 'p-map';
import { type JudgedSlot, judgeSlots } from '../domain/coverage.js';
import { type Day, dayBounds } from '../domain/day.js';
import { EXCLUDED } from '../domain/outcome.js';
import { formatSlot, parseSlot, type Slot } from '../domain/slot.js';
import type { Expectation } from './collectionLog.js';
import type { FeedSlots } from './feedSlots.js';
import { getRaw, listRawSlot } from './raw.js';
import { type FeedOutcome, feedOutcomes, getSlotRun, listSlotRuns, type SlotRunKey } from './slotRuns.js';
import type { Store } from './store.js';

/** The days whose coverage is read, in order. */
export interface CoverageWindow {
  days: readonly Day[];
  timeZone: string;
  /** Milliseconds since the epoch. */
  nowMs: number;
  signal: AbortSignal;
}

const READS_AT_ONCE = 24;
/** Reasons that explain little. A reason from another run of the same slot replaces them. */
const WEAK_REASONS: ReadonlySet<string> = new Set(['late', 'paused']);
/** Reason of a slot whose answer was stored but is no longer in the store. */
const GONE = 'gone';

/** List the records of all slot runs of some days. */
export async function listRuns(store: Store, days: readonly Day[]): Promise<SlotRunKey[]> {
  const runs: SlotRunKey[] = [];
  for (const day of days) for await (const run of listSlotRuns(store, day)) runs.push(run);
  return runs;
}

type ReasonsByFeed = Map<string, Map<Slot, string>>;

/**
 * Return the reasons of expected slots that are not stored and not excluded. A reason comes from the outcomes of the slot's runs. For a
 * failed slot without such an outcome, it comes from the last rejected answer.
 *
 * @throws ObjectNotFound when a record is removed while the function reads
 */
export async function readReasons(
  store: Store,
  feeds: (FeedSlots & { expected: Expectation[] })[],
  runs: readonly SlotRunKey[],
  window: CoverageWindow,
): Promise<ReasonsByFeed> {
  const open = new Map(
    feeds.map((feed) => {
      const slots = judgeSlots(feed.expected, { ...feed, reasons: new Map() }, window.nowMs);
      const isOpen = ({ outcome, reason }: JudgedSlot) => outcome !== 'stored' && reason !== EXCLUDED;
      return [feed.feed, slots.filter(isOpen)];
    }),
  );
  const openSlots = new Set([...open.values()].flat().map(({ slot }) => slot));
  const keys = runs.filter(({ slot }) => openSlots.has(slot)).map(({ key }) => key);
  const records = await pMap(keys, (key) => getSlotRun(store, key), atOnce(window));
  const told: Told[] = records.flatMap(feedOutcomes);
  for (const { feed, outcomes } of feeds) told.push(...outcomes.map((outcome) => ({ feed, outcome })));
  const reasons = reasonsOf(told);
  const silent = feeds.flatMap((feed) =>
    (open.get(feed.feed) ?? [])
      .filter(({ slot, outcome }) => outcome === 'failed' && !reasons.get(feed.feed)?.has(slot))
      .map(({ slot }) => ({ feed, slot })),
  );
  await pMap(
    silent,
    async ({ feed, slot }) => {
      const reason = feed.sealedReasons.get(slot) ?? (await reasonOfAnswer(store, feed.feed, slot, window));
      if (reason !== null) addReason(reasons, feed.feed, slot, reason);
    },
    atOnce(window),
  );
  return reasons;
}

interface Told {
  feed: string;
  outcome: FeedOutcome;
}

function reasonsOf(told: Told[]): ReasonsByFeed {
  const reasons: ReasonsByFeed = new Map();
  for (const { feed, outcome } of told.sort(byRecord)) {
    const reason = outcome.reason ?? (outcome.outcome === 'stored' ? GONE : outcome.outcome);
    addReason(reasons, feed, parseSlot(outcome.slot), reason);
  }
  return reasons;
}

/**
 * Compare by time of recording. Ties are decided by run id, so that the order does not depend on where records are
 * stored.
 */
function byRecord({ outcome: a }: Told, { outcome: b }: Told): number {
  return Date.parse(a.recorded_at) - Date.parse(b.recorded_at) || (a.run_id < b.run_id ? -1 : 1);
}

/** Set the reason of a slot. The first reason stays, unless it is weak and the new one is not. */
function addReason(reasons: ReasonsByFeed, feed: string, slot: Slot, reason: string): void {
  const known = reasons.get(feed) ?? new Map<Slot, string>();
  reasons.set(feed, known);
  const told = known.get(slot);
  if (told === undefined || (WEAK_REASONS.has(told) && !WEAK_REASONS.has(reason))) known.set(slot, reason);
}

async function reasonOfAnswer(
  store: Store,
  feed: string,
  slot: Slot,
  { days, timeZone }: CoverageWindow,
): Promise<string | null> {
  const day = days.find((candidate) => dayBounds(candidate, timeZone).end > slot);
  if (day === undefined)
    throw new RangeError(
      `Internal error: the slot ${formatSlot(slot)} is on none of the days whose coverage is read.`,
    );
  const last = (await listRawSlot(store, 'rejected', feed, day, slot)).at(-1);
  return last ? (await getRaw(store, last.key)).meta.reason : null;
}

/** Return the concurrency of requests to the store. */
export function atOnce({ signal }: CoverageWindow) {
  return { concurrency: READS_AT_ONCE, signal };
}
