import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { z } from 'zod';
import {
  type Correction,
  type ExcludedRange,
  excludedOfDay,
  excludedRanges,
  type ExcludedSlots,
  isExcluded,
  NOTHING_EXCLUDED,
} from '../domain/corrections.js';
import { type Day, dayBounds } from '../domain/day.js';
import { formatInstant, parseInstant } from '../domain/instant.js';
import type { Slot } from '../domain/slot.js';
import { FEED_NAME } from '../sources/source.js';
import { UnreadableObject } from './rawObject.js';
import type { Store } from './store.js';

/**
 * Corrections in the raw store: `corrections/<feed>/<instant>-<digest>.json`. Each object excludes answers of a feed
 * from cleaning, or includes them again. Answers themselves are never changed. No correction is ever changed either,
 * so that the union of two raw stores has the corrections of both.
 */
export const CORRECTIONS_PREFIX = 'corrections/';

/** Longest text of a person, in characters. */
export const MAX_TEXT = 500;
/** Greatest size of an object, in bytes. A valid object is far smaller. */
const MAX_BYTES = 16 * 1024;
const DIGEST_LENGTH = 16;
const KEY = /^corrections\/([^/]+)\/((\d{8}T\d{9}Z)-([0-9a-f]{16}))\.json$/;
const VERSION = 1;
/** Objects that are read concurrently. */
const READS_AT_ONCE = 16;

const instantSchema = z.string().refine(isInstant).transform(Date.parse);
const textSchema = z
  .string()
  .max(MAX_TEXT)
  .regex(/^\P{Cc}*$/u);

const versionSchema = z.object({ version: z.number() });

const correctionSchema = z.object({
  version: z.literal(VERSION),
  kind: z.enum(['exclude', 'include']),
  feed: z.string().regex(FEED_NAME),
  from: instantSchema,
  to: instantSchema,
  reason: textSchema.nullable(),
  by: textSchema,
  at: instantSchema,
});

/** A correction can't be read. Nothing may be loaded in which it could count. */
export class UnreadableCorrection extends UnreadableObject {
  override name = 'UnreadableCorrection';
}

/** Corrections that were read, by store and key. An object never changes, so that it is read once. */
const read = new WeakMap<Store, Map<string, Correction>>();

/** The corrections of all feeds of a raw store, as they were at one moment. */
export class Corrections {
  private readonly ranges = new Map<string, ExcludedRange[]>();

  constructor(private readonly byFeed: ReadonlyMap<string, readonly Correction[] | UnreadableCorrection>) {}

  /** The feeds that have corrections, sorted. */
  get feeds(): string[] {
    return [...this.byFeed.keys()].sort();
  }

  /**
   * Return the corrections of a feed, in the order of their keys.
   *
   * @throws UnreadableCorrection when one of them can't be read
   */
  of(feed: string): readonly Correction[] {
    const found = this.byFeed.get(feed) ?? [];
    if (found instanceof UnreadableCorrection) throw found;
    return found;
  }

  /** Return the excluded ranges of a feed, disjoint and in order. Throws like {@link of}. */
  excludedOf(feed: string): readonly ExcludedRange[] {
    const known = this.ranges.get(feed) ?? excludedRanges(this.of(feed));
    this.ranges.set(feed, known);
    return known;
  }

  /** Return the excluded slots of a feed's day. Throws like {@link of}. */
  ofDay(feed: string, day: Day, timeZone: string): ExcludedSlots {
    const ranges = this.excludedOf(feed);
    return ranges.length === 0 ? NOTHING_EXCLUDED : excludedOfDay(ranges, dayBounds(day, timeZone));
  }

  /** Return whether a slot of a feed is excluded. Throws like {@link of}. */
  excludes(feed: string, slot: Slot): boolean {
    return isExcluded({ ranges: this.excludedOf(feed) }, slot);
  }

  /** Return the ids of the corrections that cover a part of a feed's day. Throws like {@link of}. */
  touching(feed: string, day: Day, timeZone: string): string[] {
    const found = this.of(feed);
    if (found.length === 0) return [];
    const { start, end } = dayBounds(day, timeZone);
    return found.filter(({ from, to }) => from < end && to > start).map(({ id }) => id);
  }
}

/**
 * Read the corrections of all feeds. Corrections that can't be read are reported when their feed is asked for, so that
 * they concern no other feed.
 */
export async function readCorrections(store: Store): Promise<Corrections> {
  const listed: { key: string; size: number; feed: string }[] = [];
  for await (const { key, size } of store.list(CORRECTIONS_PREFIX)) {
    const feed = KEY.exec(key)?.[1];
    if (feed !== undefined) listed.push({ key, size, feed });
  }
  const found = await pMap(listed, ({ key, size }) => readListed(store, key, size), {
    concurrency: READS_AT_ONCE,
  });
  const byFeed = new Map<string, Correction[] | UnreadableCorrection>();
  for (const [at, { feed }] of listed.entries()) {
    const [correction, known = []] = [found[at], byFeed.get(feed)];
    if (correction === undefined || known instanceof UnreadableCorrection) continue;
    byFeed.set(feed, correction instanceof UnreadableCorrection ? correction : [...known, correction]);
  }
  return new Corrections(byFeed);
}

/** Return the correction, or why it can't be read. */
async function readListed(
  store: Store,
  key: string,
  size: number,
): Promise<Correction | UnreadableCorrection> {
  const known = read.get(store) ?? new Map<string, Correction>();
  read.set(store, known);
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  if (size > MAX_BYTES) return damaged(key, `it has ${size} bytes`);
  try {
    const correction = parseCorrection(key, await store.get(key));
    known.set(key, correction);
    return correction;
  } catch (error) {
    if (error instanceof UnreadableCorrection) return error;
    throw error;
  }
}

/**
 * Parse the object of a correction.
 *
 * @throws UnreadableCorrection when the content is damaged, or a newer version wrote it
 */
export function parseCorrection(key: string, body: Buffer): Correction {
  const [, feed = '', id = '', at = '', digest] = KEY.exec(key) ?? [];
  if (digest === undefined) throw damaged(key, 'its key has another form');
  if (digestOf(body) !== digest) throw damaged(key, 'its content does not match the digest in its key');
  let content: unknown;
  try {
    content = JSON.parse(body.toString());
  } catch {
    throw damaged(key, 'it is not JSON');
  }
  const version = versionSchema.safeParse(content).data?.version ?? 0;
  if (version > VERSION)
    throw new UnreadableCorrection(
      `${key} in the raw store was written by a newer version of Ladepuls: update this installation.`,
    );
  const parsed = correctionSchema.safeParse(content);
  if (!parsed.success) throw damaged(key, 'its content is not valid');
  const { kind, from, to, reason, by } = parsed.data;
  if (parsed.data.feed !== feed || parsed.data.at !== parseInstant(at) || from >= to)
    throw damaged(key, 'its content does not match its key');
  return { id, kind, feed, from, to, reason, by, atMs: parsed.data.at };
}

/**
 * Store a correction. Its instant is later than those of the feed's earlier corrections, even when the clock is behind,
 * so that it decides for the slots that it covers.
 *
 * @param earlier the feed's corrections so far
 */
export async function putCorrection(
  store: Store,
  correction: Omit<Correction, 'id' | 'atMs'>,
  { earlier, nowMs }: { earlier: readonly Correction[]; nowMs: number },
): Promise<Correction> {
  const { kind, feed, from, to, reason, by } = correction;
  const atMs = earlier.reduce((latest, { atMs: before }) => Math.max(latest, before + 1), nowMs);
  const iso = (ms: number) => new Date(ms).toISOString();
  const content = { version: VERSION, kind, feed, from: iso(from), to: iso(to), reason, by, at: iso(atMs) };
  const body = Buffer.from(`${JSON.stringify(content)}\n`);
  const key = `${CORRECTIONS_PREFIX}${feed}/${formatInstant(atMs)}-${digestOf(body)}.json`;
  const stored = parseCorrection(key, body);
  await store.putNew(key, body);
  return stored;
}

function isInstant(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex').slice(0, DIGEST_LENGTH);
}

function damaged(key: string, how: string): UnreadableCorrection {
  return new UnreadableCorrection(
    `${key} in the raw store is damaged: ${how}. Restore the object from a copy of the raw store.`,
  );
}
