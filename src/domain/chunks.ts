import type { Slot, SlotRange } from './slot.js';

/** The unit of cleaning: a feed's answers of a day or, for a large feed, of some hours. */
export interface FeedSlice {
  feed: string;
  /** Undefined: the whole day. */
  hours?: SlotRange | undefined;
}

/** The unit of one activity that cleans or copies: feed slices of about the same total size in bytes. */
export type Chunk = FeedSlice[];

/** The division of a day's load into chunks. Activities refer to a chunk by its index. */
export interface LoadPlan {
  chunks: Chunk[];
}

/** The size of a feed's answers of a day. */
export interface FeedSize {
  feed: string;
  /** Bytes by hour (UTC), from {@link bytesByHour}. */
  bytes: Map<Slot, number>;
}

/** Target sizes of chunks, in approximate bytes of bodies. */
export interface ChunkSizes {
  /** Approximate maximum of a chunk and of a feed slice. It limits a worker's memory. */
  maxBytes: number;
  /**
   * Approximate number of chunks of a day, unless chunks would become smaller than `minBytes`. More chunks let more
   * workers share a day.
   */
  chunks: number;
  minBytes: number;
}

/** 64 MB of JSON are some 180,000 observations, which take about as much memory while they are cleaned. */
export const CHUNK_SIZES: ChunkSizes = { maxBytes: 64e6, chunks: 32, minBytes: 250e3 };

const HOUR_MS = 3_600_000;

/**
 * Divide a day, or a window of it, into chunks, largest first: the longest work must not start last. A feed that is too
 * large for one chunk is divided at full hours (UTC).
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

/** Return whether a slot is in a feed slice. */
export function isInSlice({ hours }: FeedSlice, slot: Slot): boolean {
  return hours === undefined || (slot >= hours.from && slot < hours.to);
}

/** Return the feeds whose day is divided into several slices. */
export function dividedFeeds(slices: readonly FeedSlice[]): string[] {
  return [...new Set(slices.flatMap(({ feed, hours }) => (hours ? [feed] : [])))];
}

/** Format a feed slice for people, such as `koeln` or `koeln from 2022-01-11T23:00Z`. */
export function describeSlice({ feed, hours }: FeedSlice): string {
  return hours === undefined ? feed : `${feed} from ${new Date(hours.from).toISOString().slice(0, 16)}Z`;
}

/** Sum the bytes of answers by the hour (UTC) of their slots. */
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
