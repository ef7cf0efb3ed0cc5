import type { Slot, SlotRange } from './slot.js';

/**
 * A correction: from now on, the answers of a feed in a range of slots are excluded from cleaning, or included again.
 * A correction is never changed or removed. A later correction decides for the slots that it covers.
 */
export interface Correction extends SlotRange {
  /** Unique within the feed. Of two corrections of the same instant, the one with the greater id decides. */
  id: string;
  kind: 'exclude' | 'include';
  feed: string;
  /** Why, in the words of the person; null when the person gave no reason. */
  reason: string | null;
  /** Who made the correction, as `user@host`. */
  by: string;
  /** When the correction was made, in milliseconds since the epoch. */
  atMs: number;
}

/** A range of excluded slots, with the correction that excludes them. */
export interface ExcludedRange extends SlotRange {
  correction: Correction;
}

/** The excluded slots of one feed's day. */
export interface ExcludedSlots {
  /** Disjoint ranges, in order. */
  ranges: readonly SlotRange[];
  /** Whether the ranges cover the whole day. */
  isWholeDay: boolean;
}

export const NOTHING_EXCLUDED: ExcludedSlots = { ranges: [], isWholeDay: false };

/** Return whether a slot is excluded. */
export function isExcluded({ ranges }: Pick<ExcludedSlots, 'ranges'>, slot: Slot): boolean {
  return ranges.some(({ from, to }) => slot >= from && slot < to);
}

/**
 * Return the excluded ranges of a feed, disjoint and in order. In each slot, the latest correction decides. Therefore
 * the result does not depend on the order of `corrections`, and equal sets of corrections give equal ranges.
 */
export function excludedRanges(corrections: readonly Correction[]): ExcludedRange[] {
  const edges = [...new Set(corrections.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const deciding = decideBetween(edges, corrections);
  const ranges: ExcludedRange[] = [];
  for (const [at, correction] of deciding.entries()) {
    const [from = NaN, to = NaN] = [edges[at], edges[at + 1]];
    const last = ranges.at(-1);
    if (correction?.kind !== 'exclude') continue;
    if (last?.correction === correction && last.to === from) last.to = to;
    else ranges.push({ from, to, correction });
  }
  return ranges;
}

/**
 * Return the deciding correction of each segment between two neighbouring edges. The latest correction takes all its
 * segments, then the one before takes those that are left, and so on. `next` skips segments that are taken.
 */
function decideBetween(
  edges: readonly number[],
  corrections: readonly Correction[],
): (Correction | undefined)[] {
  const positions = new Map(edges.map((edge, at) => [edge, at]));
  const deciding = new Array<Correction | undefined>(Math.max(0, edges.length - 1)).fill(undefined);
  const next = edges.map((_, at) => at);
  const free = (from: number): number => {
    let at = from;
    for (let after = next[at] ?? at; after !== at; after = next[at] ?? at) {
      next[at] = next[after] ?? after; // halves the way of later calls
      at = after;
    }
    return at;
  };
  for (const correction of corrections.toSorted(latestFirst)) {
    const end = positions.get(correction.to) ?? 0;
    for (let at = free(positions.get(correction.from) ?? 0); at < end; at = free(at)) {
      deciding[at] = correction;
      next[at] = at + 1;
    }
  }
  return deciding;
}

/** Compare two corrections of a feed: the later one first. */
export function latestFirst(a: Correction, b: Correction): number {
  return b.atMs - a.atMs || (a.id < b.id ? 1 : -1);
}

/** Return the part of excluded ranges that lies within a day. */
export function excludedOfDay(
  ranges: readonly SlotRange[],
  { start, end }: { start: number; end: number },
): ExcludedSlots {
  const within: SlotRange[] = [];
  for (const range of ranges) {
    const [from, to] = [Math.max(range.from, start), Math.min(range.to, end)];
    const last = within.at(-1);
    if (from >= to) continue;
    if (last?.to === from) last.to = to;
    else within.push({ from, to });
  }
  const [first] = within;
  return { ranges: within, isWholeDay: first?.from === start && first.to === end };
}
