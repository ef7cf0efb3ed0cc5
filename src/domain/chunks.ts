import type { Slot, SlotRange } from './slot.js';

/** What is cleaned in one go: a feed's answers of a day, or, of a large feed, those of some hours. */
export interface FeedSlice {
  feed: string;
  /** Without: the whole day. */
  hours?: SlotRange | undefined;
}

/** What one activity cleans or copies: feed slices of about so many bytes. */
export type Chunk = FeedSlice[];

/** How a day's load is divided into chunks, by which activities refer to them. */
export interface LoadPlan {
  chunks: Chunk[];
}

/** How large a feed's answers of a day are. */
export interface FeedSize {
  feed: string;
  /** By hour (UTC), as {@link bytesByHour} gives them. */
  bytes: Map<Slot, number>;
}

/** Sizes are those of bodies, about. */
export interface ChunkSizes {
  /** A chunk is about so large at most, and a feed slice too: that bounds a worker's memory. */
  maxBytes: number;
  /** A day is divided into about so many chunks, where they are not too small for that: so many workers can share it. */
  chunks: number;
  minBytes: number;
}

/** 64 MB of JSON are some 180,000 observations, which take about as much memory while they are cleaned. */
export const CHUNK_SIZES: ChunkSizes = { maxBytes: 64e6, chunks: 32, minBytes: 250e3 };

const HOUR_MS = 3_600_000;

/**
 * Divides a day, or a window of it, into chunks, the largest first: what takes longest must not begin last. A feed that
 * is too large for one chunk is divided at full hours (UTC).
 */
export function planChunks(
  feeds: readonly FeedSize[],
  sizes: ChunkSizes = CHUNK_SIZES,
  window?: SlotRange,
): Chunk[] {
  const slices = feeds
    .flatMap((feed) => slicesOf(feed, sizes.maxBytes, window))
    .sort((a, b) => b.bytes - a.bytes);
  const total = slices.reduce((sum, { bytes }) => sum + bytes, 0);
  const target = Math.min(sizes.maxBytes, Math.max(sizes.minBytes, total / sizes.chunks));
  const chunks: { bytes: number; slices: FeedSlice[] }[] = [];
  for (const { bytes, ...slice } of slices) {
    const last = chunks.at(-1);
    if (last && last.bytes + bytes <= target) {
      last.slices.push(slice);
      last.bytes += bytes;
    } else {
      chunks.push({ bytes, slices: [slice] });
    }
  }
  return chunks.map(({ slices }) => slices);
}

/** Whether a slot is one of the feed slice's. */
export function isInSlice({ hours }: FeedSlice, slot: Slot): boolean {
  return hours === undefined || (slot >= hours.from && slot < hours.to);
}

/** The feeds whose day is divided into several slices. */
export function dividedFeeds(slices: readonly FeedSlice[]): string[] {
  return [...new Set(slices.flatMap(({ feed, hours }) => (hours ? [feed] : [])))];
}

/** As people read it, such as `koeln` or `koeln from 2022-01-11T23:00Z`. */
export function describeSlice({ feed, hours }: FeedSlice): string {
  return hours === undefined ? feed : `${feed} from ${new Date(hours.from).toISOString().slice(0, 16)}Z`;
}

/** Adds up answers' bytes by the hour (UTC) that their slots are in. */
export function bytesByHour(answers: Iterable<{ slot: Slot; bytes: number }>): Map<Slot, number> {
  const hours = new Map<Slot, number>();
  for (const { slot, bytes } of answers) {
    const hour = slot - (slot % HOUR_MS);
    hours.set(hour, (hours.get(hour) ?? 0) + bytes);
  }
  return hours;
}

function slicesOf(
  { feed, bytes: hours }: FeedSize,
  maxBytes: number,
  window: SlotRange | undefined,
): (FeedSlice & { bytes: number })[] {
  const slices: { feed: string; hours: SlotRange; bytes: number }[] = [];
  for (const [hour, bytes] of [...hours].sort(([a], [b]) => a - b)) {
    const last = slices.at(-1);
    if (last && last.bytes + bytes <= maxBytes) {
      last.bytes += bytes;
      last.hours.to = hour + HOUR_MS;
    } else {
      slices.push({ feed, hours: { from: hour, to: hour + HOUR_MS }, bytes });
    }
  }
  if (window) return slices.map((slice) => ({ ...slice, hours: within(slice.hours, window) }));
  const [first] = slices;
  return slices.length === 1 && first ? [{ feed, bytes: first.bytes }] : slices;
}

function within(hours: SlotRange, window: SlotRange): SlotRange {
  return { from: Math.max(hours.from, window.from), to: Math.min(hours.to, window.to) };
}
