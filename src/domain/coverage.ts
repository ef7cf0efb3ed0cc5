import { EXCLUDED } from './outcome.js';
import { pollDeadline, type Slot } from './slot.js';

/** A period in which a feed was to be polled. Half-open, milliseconds since the epoch. */
export interface ExpectedStretch {
  startMs: number;
  endMs: number;
  intervalMinutes: number;
  paused: boolean;
}

/** The facts about a feed's slots from which outcomes are derived. */
export interface Evidence {
  /** Slots with an accepted answer that is not excluded. */
  stored: ReadonlySet<Slot>;
  /** Return whether a slot has accepted answers, and a correction excludes them. */
  isExcluded: (slot: Slot) => boolean;
  /** Slots with a rejected answer. */
  answered: ReadonlySet<Slot>;
  /** Reasons of slots that are not stored, from the slots' runs or their rejected answers. */
  reasons: ReadonlyMap<Slot, string>;
}

/** An expected slot with its outcome. `reason` is null when the outcome is `stored`. */
export interface JudgedSlot {
  slot: Slot;
  outcome: 'stored' | 'failed' | 'missed';
  reason: string | null;
}

/** Numbers of slots: expected = stored + failed + missed. */
export interface Coverage {
  expected: number;
  stored: number;
  failed: number;
  missed: number;
  /** Slots that are not stored, by reason. Their sum is failed + missed. */
  reasons: Record<string, number>;
}

/** Consecutive expected slots of a feed that are not stored, with one interval, one outcome and one reason. */
export interface Gap {
  outcome: 'failed' | 'missed';
  reason: string;
  /** The first and the last slot without an accepted answer. */
  first: Slot;
  last: Slot;
  slots: number;
}

/** Reason of a slot without any record or answer. */
const NOT_RUNNING = 'not_running';
const PAUSED = 'paused';
/** Reason of a slot with a rejected answer whose reason is not known any more. */
const UNKNOWN = 'unknown';

/**
 * Return the expected slots of a feed, in order, with their outcomes. A slot is stored when it has an accepted answer,
 * else failed when it has a rejected answer, else missed. A slot whose accepted answers are excluded is failed. A slot
 * before its poll deadline is included only when it is stored or excluded.
 *
 * @param stretches may overlap, when two collectors poll the feed; the feed is then paused while both pause it
 * @param nowMs milliseconds since the epoch
 */
export function judgeSlots(
  stretches: readonly ExpectedStretch[],
  evidence: Evidence,
  nowMs: number,
): JudgedSlot[] {
  const paused = new Map<Slot, boolean>();
  for (const stretch of stretches) {
    const intervalMs = stretch.intervalMinutes * 60_000;
    for (let slot = firstSlot(stretch.startMs, intervalMs); slot < stretch.endMs; slot += intervalMs) {
      if (slot > nowMs) break;
      const isAnswered = evidence.stored.has(slot) || evidence.isExcluded(slot);
      const isDecided = isAnswered || pollDeadline(slot, stretch.intervalMinutes) <= nowMs;
      if (isDecided) paused.set(slot, stretch.paused && (paused.get(slot) ?? true));
    }
  }
  return [...paused].sort(([a], [b]) => a - b).map(([slot, isPaused]) => judge(slot, isPaused, evidence));
}

function firstSlot(startMs: number, intervalMs: number): Slot {
  return Math.ceil(startMs / intervalMs) * intervalMs;
}

function judge(
  slot: Slot,
  isPaused: boolean,
  { stored, isExcluded, answered, reasons }: Evidence,
): JudgedSlot {
  if (stored.has(slot)) return { slot, outcome: 'stored', reason: null };
  if (isExcluded(slot)) return { slot, outcome: 'failed', reason: EXCLUDED };
  const told = reasons.get(slot);
  if (answered.has(slot)) return { slot, outcome: 'failed', reason: told ?? UNKNOWN };
  return { slot, outcome: 'missed', reason: told ?? (isPaused ? PAUSED : NOT_RUNNING) };
}

/** The polling interval of a feed, from a slot on. */
export interface SlotInterval {
  /** First slot with this interval; -Infinity for the first interval. */
  from: Slot;
  minutes: number;
}

/** Interval of a feed that was not expected to be polled but has answers. */
const UNEXPECTED_MINUTES = 10;

/**
 * Return the polling intervals of a feed, in order; at least one. When collectors poll the feed at different intervals,
 * the shortest counts. When none polls it, the interval before continues; before the first period, the first interval
 * counts.
 */
export function intervalsOf(stretches: readonly ExpectedStretch[]): SlotInterval[] {
  const edges = [
    ...new Set(stretches.map(({ startMs }) => startMs).concat(stretches.map(({ endMs }) => endMs))),
  ];
  const intervals: SlotInterval[] = [];
  for (const from of edges.sort((a, b) => a - b)) {
    const held = stretches.filter(({ startMs, endMs }) => startMs <= from && from < endMs);
    if (held.length === 0) continue;
    const minutes = Math.min(...held.map(({ intervalMinutes }) => intervalMinutes));
    if (intervals.at(-1)?.minutes !== minutes) intervals.push({ from, minutes });
  }
  const [first, ...others] = intervals;
  return [{ from: -Infinity, minutes: first?.minutes ?? UNEXPECTED_MINUTES }, ...others];
}

/** Count slots by outcome and reason. */
export function countSlots(slots: readonly JudgedSlot[]): Coverage {
  const coverage: Coverage = { expected: slots.length, stored: 0, failed: 0, missed: 0, reasons: {} };
  for (const { outcome, reason } of slots) {
    coverage[outcome]++;
    if (reason !== null) coverage.reasons[reason] = (coverage.reasons[reason] ?? 0) + 1;
  }
  return coverage;
}

/** Sum several coverages. */
export function sumCoverage(parts: readonly Coverage[]): Coverage {
  const sum = countSlots([]);
  for (const part of parts) {
    for (const count of ['expected', 'stored', 'failed', 'missed'] as const) sum[count] += part[count];
    for (const [reason, slots] of Object.entries(part.reasons))
      sum.reasons[reason] = (sum.reasons[reason] ?? 0) + slots;
  }
  return sum;
}

/**
 * Return the gaps between a feed's stored slots, in order. A change of outcome, reason or interval begins a new gap.
 */
export function findGaps(slots: readonly JudgedSlot[]): Gap[] {
  const gaps: Gap[] = [];
  let isOpen = false;
  for (const { slot, outcome, reason } of slots) {
    const last = gaps.at(-1);
    if (outcome === 'stored' || reason === null) {
      isOpen = false;
    } else if (isOpen && last?.outcome === outcome && last.reason === reason && isNext(last, slot)) {
      last.last = slot;
      last.slots++;
    } else {
      gaps.push({ outcome, reason, first: slot, last: slot, slots: 1 });
      isOpen = true;
    }
  }
  return gaps;
}

/** Return whether a slot continues a gap with the same interval. Slots of a gap can then be computed from its ends. */
function isNext({ first, last, slots }: Gap, slot: Slot): boolean {
  return slots === 1 || (slot - last) * (slots - 1) === last - first;
}

/** A gap that several feeds have in common. */
export interface SharedGap extends Gap {
  feeds: string[];
}

/**
 * Merge equal gaps of several feeds. Returns the longest gap first; of equally long gaps, the one with more slots, then
 * the earlier one.
 */
export function shareGaps(gapsOfFeeds: ReadonlyMap<string, readonly Gap[]>): SharedGap[] {
  const shared = new Map<string, SharedGap>();
  for (const [feed, gaps] of gapsOfFeeds) {
    for (const gap of gaps) {
      const alike = `${gap.first} ${gap.last} ${gap.slots} ${gap.outcome} ${gap.reason}`;
      const known = shared.get(alike);
      if (known) known.feeds.push(feed);
      else shared.set(alike, { ...gap, feeds: [feed] });
    }
  }
  const length = ({ first, last }: Gap) => last - first;
  return [...shared.values()].sort((a, b) => length(b) - length(a) || b.slots - a.slots || a.first - b.first);
}
