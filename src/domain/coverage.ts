import { pollDeadline, type Slot } from './slot.js';

/** A stretch of time in which a feed was to be polled. Half-open, milliseconds since the epoch. */
export interface ExpectedStretch {
  startMs: number;
  endMs: number;
  intervalMinutes: number;
  paused: boolean;
}

/** What is known of a feed's slots. */
export interface Evidence {
  /** Slots with a good answer. */
  stored: ReadonlySet<Slot>;
  /** Slots with a wrong answer. */
  answered: ReadonlySet<Slot>;
  /** Why a slot is not stored, as the slot's runs or its wrong answers tell. */
  reasons: ReadonlyMap<Slot, string>;
}

/** An expected slot, and what became of it. The reason is null where it is stored. */
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
  /** Slots that are not stored, by reason: failed + missed. */
  reasons: Record<string, number>;
}

/** Consecutive expected slots of a feed, at one interval, that are not stored, for one reason. */
export interface Gap {
  outcome: 'failed' | 'missed';
  reason: string;
  /** The first and the last slot without an answer. */
  first: Slot;
  last: Slot;
  slots: number;
}

/** Nobody left a record of the slot. */
const NOT_RUNNING = 'not_running';
const PAUSED = 'paused';
/** A wrong answer was kept, but nobody knows any more what was wrong with it. */
const UNKNOWN = 'unknown';

/**
 * The slots that a feed was to be polled in, in order, and what became of each: stored where there is a good answer,
 * else failed where a wrong one was kept, else missed. A slot that is still being polled counts only once it is stored.
 *
 * @param stretches may overlap, where two collectors poll the feed: then it is paused as long as both pause it
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
      const isDecided = pollDeadline(slot, stretch.intervalMinutes) <= nowMs || evidence.stored.has(slot);
      if (isDecided) paused.set(slot, stretch.paused && (paused.get(slot) ?? true));
    }
  }
  return [...paused].sort(([a], [b]) => a - b).map(([slot, isPaused]) => judge(slot, isPaused, evidence));
}

function firstSlot(startMs: number, intervalMs: number): Slot {
  return Math.ceil(startMs / intervalMs) * intervalMs;
}

function judge(slot: Slot, isPaused: boolean, { stored, answered, reasons }: Evidence): JudgedSlot {
  if (stored.has(slot)) return { slot, outcome: 'stored', reason: null };
  const told = reasons.get(slot);
  if (answered.has(slot)) return { slot, outcome: 'failed', reason: told ?? UNKNOWN };
  return { slot, outcome: 'missed', reason: told ?? (isPaused ? PAUSED : NOT_RUNNING) };
}

/** How often a feed was to be polled, from a slot on. */
export interface SlotInterval {
  /** -Infinity for the first one. */
  from: Slot;
  minutes: number;
}

/** The interval of a feed that nobody was to poll, but whose answers are there. */
const UNEXPECTED_MINUTES = 10;

/**
 * How often a feed was to be polled, in order, at least once. Where collectors poll it at different intervals, the least
 * counts; where none does, the one before, at the beginning the first one.
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

/** Counts slots by what became of them. */
export function countSlots(slots: readonly JudgedSlot[]): Coverage {
  const coverage: Coverage = { expected: slots.length, stored: 0, failed: 0, missed: 0, reasons: {} };
  for (const { outcome, reason } of slots) {
    coverage[outcome]++;
    if (reason !== null) coverage.reasons[reason] = (coverage.reasons[reason] ?? 0) + 1;
  }
  return coverage;
}

/** Adds coverages up. */
export function sumCoverage(parts: readonly Coverage[]): Coverage {
  const sum = countSlots([]);
  for (const part of parts) {
    for (const count of ['expected', 'stored', 'failed', 'missed'] as const) sum[count] += part[count];
    for (const [reason, slots] of Object.entries(part.reasons))
      sum.reasons[reason] = (sum.reasons[reason] ?? 0) + slots;
  }
  return sum;
}

/** The gaps between a feed's stored slots, in order. Where the reason or the interval changes, another gap begins. */
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

/** Whether a slot follows a gap at the interval of its slots: so a gap's slots can be told from its ends. */
function isNext({ first, last, slots }: Gap, slot: Slot): boolean {
  return slots === 1 || (slot - last) * (slots - 1) === last - first;
}

/** A gap that several feeds have alike. */
export interface SharedGap extends Gap {
  feeds: string[];
}

/** The gaps of all feeds, those that several have alike as one; longest first, at equal length the earlier one. */
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
