import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { z } from 'zod';
import type { Day } from '../domain/day.js';
import { formatInstant, parseInstant } from '../domain/instant.js';
import { formatSlot, isSlot, parseSlot, type Slot } from '../domain/slot.js';
import { FEED_NAME } from '../sources/source.js';
import type { Store } from './store.js';

/**
 * The raw store: every answer as the server sent it, with what is known of the request.
 *
 * - good answers: `polls/<feed>/<day>/<slot>/<received>-<sha256 prefix>.json.gz`
 * - wrong answers: the same below `answers/`
 *
 * An object is two gzip members: one line of JSON with the metadata, then the body byte for byte. So
 * `zcat` shows both, and both are there or neither.
 */
export type RawKind = 'polls' | 'answers';

const metaSchema = z.object({
  version: z.literal(1),
  feed: z.string(),
  source: z.string(),
  url: z.string().nullable(),
  slot: z.string(),
  /** How the body came here: asked for by us, or imported from a recorded file. */
  origin: z.enum(['poll', 'import']),
  /** ISO instants; of an imported body only the receipt is known. */
  started_at: z.string().nullable(),
  received_at: z.string(),
  http_status: z.number().nullable(),
  attempts: z.number(),
  /** Of the body, in bytes. */
  length: z.number(),
  sha256: z.string(),
  /** Why the answer is a wrong one; null for a good one. */
  reason: z.string().nullable(),
  /** The file that an imported body was in. */
  file: z.string().nullable(),
});

export type RawMeta = z.infer<typeof metaSchema>;

/** What a poll or an import knows of a body; the rest of the metadata follows from it. */
export type RawOrigin = Omit<RawMeta, 'version' | 'slot' | 'length' | 'sha256' | 'received_at'> & {
  slot: Slot;
  day: Day;
  /** Milliseconds since the epoch. */
  receivedMs: number;
};

/** A raw object as its key tells of it. */
export interface RawObject {
  key: string;
  feed: string;
  slot: Slot;
  receivedMs: number;
  /** Bytes stored. */
  size: number;
}

/** A raw object that does not hold what it should: cut short, changed, or not one of ours. */
export class UnreadableObject extends Error {
  override name = 'UnreadableObject';
}

const compress = promisify(gzip);
/** Room for most bodies at once: growing in small steps would copy each several times. */
const DECOMPRESS_CHUNK_BYTES = 512 * 1024;

/** Stores a body under the key that its content gives. Storing it again changes nothing. */
export async function putRaw(store: Store, kind: RawKind, origin: RawOrigin, body: Buffer): Promise<string> {
  const { slot, day, receivedMs, ...rest } = origin;
  if (!FEED_NAME.test(rest.feed))
    throw new RangeError(`"${rest.feed}" can't be a feed's name: it must match ${FEED_NAME}`);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const meta: RawMeta = {
    version: 1,
    ...rest,
    slot: formatSlot(slot),
    received_at: new Date(receivedMs).toISOString(),
    length: body.length,
    sha256,
  };
  const key = `${slotPrefix(kind, rest.feed, day, slot)}${formatInstant(receivedMs)}-${sha256.slice(0, 16)}.json.gz`;
  const members = await Promise.all([compress(JSON.stringify(meta) + '\n'), compress(body)]);
  await store.putNew(key, Buffer.concat(members));
  return key;
}

/**
 * Reads a raw object and decompresses it on the calling thread (a body takes about a millisecond).
 * Throws {@link UnreadableObject}, and ObjectNotFound where there is none.
 */
export async function getRaw(store: Store, key: string): Promise<{ meta: RawMeta; body: Buffer }> {
  const stored = await store.get(key);
  let bytes: Buffer;
  try {
    bytes = gunzipSync(stored, { chunkSize: DECOMPRESS_CHUNK_BYTES });
  } catch (error) {
    throw new UnreadableObject(`${key} can't be decompressed: ${(error as Error).message}`);
  }
  return splitRaw(key, bytes);
}

/** Takes the decompressed bytes of a raw object apart. Throws {@link UnreadableObject}. */
function splitRaw(key: string, bytes: Buffer): { meta: RawMeta; body: Buffer } {
  const lineEnd = bytes.indexOf(0x0a);
  if (lineEnd < 0) throw new UnreadableObject(`${key} has no line of metadata`);
  let meta: RawMeta;
  try {
    meta = metaSchema.parse(JSON.parse(bytes.toString('utf8', 0, lineEnd)));
  } catch {
    throw new UnreadableObject(`${key} begins with no metadata of version 1`);
  }
  const body = bytes.subarray(lineEnd + 1);
  if (body.length !== meta.length) {
    throw new UnreadableObject(`${key} holds ${body.length} bytes of a body of ${meta.length}`);
  }
  return { meta, body };
}

/** The prefix of all objects of a feed's slot. */
function slotPrefix(kind: RawKind, feed: string, day: Day, slot: Slot): string {
  return `${kind}/${feed}/${day}/${formatSlot(slot)}/`;
}

/** A feed's objects of a day, in the order of slot and receipt. Keys that are not ours are passed over. */
export async function* listRaw(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
): AsyncGenerator<RawObject> {
  yield* listPrefix(store, `${kind}/${feed}/${day}/`);
}

/** A feed's objects of a slot, in the order of receipt. */
export async function listRawSlot(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
  slot: Slot,
): Promise<RawObject[]> {
  const objects: RawObject[] = [];
  for await (const object of listPrefix(store, slotPrefix(kind, feed, day, slot))) objects.push(object);
  return objects;
}

async function* listPrefix(store: Store, prefix: string): AsyncGenerator<RawObject> {
  for await (const { key, size } of store.list(prefix)) {
    const match = /^\w+\/([^/]+)\/[\d-]+\/(\d{8}T\d{4}Z)\/(\d{8}T\d{9}Z)-[0-9a-f]{16}\.json\.gz$/.exec(key);
    const [, feed, slot, received] = match ?? [];
    if (feed && slot && received && isSlot(slot))
      yield { key, feed, slot: parseSlot(slot), receivedMs: parseInstant(received), size };
  }
}

/** The names of all feeds that ever left an object of that kind. */
export async function listRawFeeds(store: Store, kind: RawKind): Promise<string[]> {
  return store.listFolders(`${kind}/`);
}

/** A feed's first object of that kind and day; null where it has none. */
export async function firstRaw(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
): Promise<RawObject | null> {
  for await (const object of listRaw(store, kind, feed, day)) return object;
  return null;
}

/** The days of which the store has objects of a feed. */
export async function listRawDays(store: Store, kind: RawKind, feed: string): Promise<Day[]> {
  return store.listFolders(`${kind}/${feed}/`);
}
