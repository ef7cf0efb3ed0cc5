import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip } from 'node:zlib';
import { z } from 'zod';
import type { Day } from '../domain/day.js';
import { formatInstant, parseInstant } from '../domain/instant.js';
import { shownUrl } from '../domain/shownUrl.js';
import { formatSlot, isSlot, parseSlot, type Slot } from '../domain/slot.js';
import { FEED_NAME } from '../sources/source.js';
import type { Store } from './store.js';

/**
 * An answer as an object of its own:
 *
 * - accepted answers: `polls/<feed>/<day>/<slot>/<received>-<sha256 prefix>.json.gz`
 * - rejected answers: the same below `answers/`
 *
 * An object is two gzip members: one line of JSON with the metadata, then the body byte for byte. So
 * `zcat` shows both, and both are there or neither.
 */
export type RawKind = 'accepted' | 'rejected';

export const RAW_KINDS: readonly RawKind[] = ['accepted', 'rejected'];

/** The folder of each kind of answer: how keys begin, and what the index of a sealed object calls the kind. */
export const RAW_FOLDERS = { accepted: 'polls', rejected: 'answers' } as const satisfies Record<
  RawKind,
  string
>;

/** Returns the kind of answer that is in a folder of the raw store. */
export function kindOfFolder(folder: (typeof RAW_FOLDERS)[RawKind]): RawKind {
  return folder === RAW_FOLDERS.accepted ? 'accepted' : 'rejected';
}

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
  /** Why the answer was rejected; null for an accepted one. */
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

/** What identifies an answer: its key says no more and no less. */
export interface RawIdentity {
  kind: RawKind;
  feed: string;
  day: Day;
  slot: Slot;
  /** Milliseconds since the epoch. */
  receivedMs: number;
  /** The first 16 hexadecimal digits of the body's SHA-256. */
  digest: string;
}

/** An answer's metadata and body. */
export interface RawAnswer {
  meta: RawMeta;
  body: Buffer;
}

/** A raw object that does not hold what it should: cut short, changed, or not one of ours. */
export class UnreadableObject extends Error {
  override name = 'UnreadableObject';
}

const DIGEST_LENGTH = 16;
const KEY = /^(polls|answers)\/([^/]+)\/([\d-]+)\/(\d{8}T\d{4}Z)\/(\d{8}T\d{9}Z)-([0-9a-f]{16})\.json\.gz$/;
const compress = promisify(gzip);
const decompress = promisify(gunzip);
/** A body of more is decompressed off the calling thread, which it would hold up. */
const SMALL_BYTES = 1024 * 1024;
/** More than any line of metadata takes. */
const LINE_BYTES = 4 * 1024;
/** What a damaged object says of its length is not believed beyond this. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

/** The key of an answer as an object of its own, which names it also where it is sealed. */
export function rawKey({ kind, feed, day, slot, receivedMs, digest }: RawIdentity): string {
  return `${RAW_FOLDERS[kind]}/${feed}/${day}/${formatSlot(slot)}/${formatInstant(receivedMs)}-${digest}.json.gz`;
}

/** Reads what {@link rawKey} writes; null for keys that are not ours. */
export function parseRawKey(key: string): RawIdentity | null {
  const [, folder, feed, day, slot, received, digest] = KEY.exec(key) ?? [];
  if (!folder || !feed || !day || !slot || !received || !digest || !isSlot(slot)) return null;
  const receivedMs = parseInstant(received);
  const kind = kindOfFolder(folder as (typeof RAW_FOLDERS)[RawKind]);
  return { kind, feed, day, slot: parseSlot(slot), receivedMs, digest };
}

/**
 * Stores a body under the key that its content gives. Storing it again changes nothing.
 *
 * @param isThere whether an answer of that key is kept elsewhere, so that it need not be stored
 */
export async function putNewRaw(
  store: Store,
  kind: RawKind,
  origin: RawOrigin,
  body: Buffer,
  isThere: (key: string) => Promise<boolean> = () => Promise.resolve(false),
): Promise<{ key: string; isNew: boolean }> {
  const { slot, day, receivedMs, ...rest } = origin;
  if (!FEED_NAME.test(rest.feed))
    throw new RangeError(`"${rest.feed}" can't be a feed's name: it must match ${FEED_NAME}`);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const meta: RawMeta = {
    version: 1,
    ...rest,
    // Raw is kept for ever and copied to others: no secret of an address goes into it.
    url: rest.url === null ? null : shownUrl(rest.url),
    slot: formatSlot(slot),
    received_at: new Date(receivedMs).toISOString(),
    length: body.length,
    sha256,
  };
  const digest = sha256.slice(0, DIGEST_LENGTH);
  const key = rawKey({ kind, feed: rest.feed, day, slot, receivedMs, digest });
  if (await isThere(key)) return { key, isNew: false };
  const members = await Promise.all([compress(JSON.stringify(meta) + '\n'), compress(body)]);
  return { key, isNew: await store.putNew(key, Buffer.concat(members)) };
}

/**
 * Reads the line of metadata and the body of an answer that is an object of its own. A small one is decompressed on the
 * calling thread, which takes about a millisecond. Throws {@link UnreadableObject}, and ObjectNotFound where there is none.
 */
export async function getSingle(store: Store, key: string): Promise<Buffer> {
  const stored = await store.get(key);
  try {
    const options = { chunkSize: roomFor(stored) };
    const isSmall = Math.max(stored.length, bodyBytesOf(stored)) <= SMALL_BYTES;
    return isSmall ? gunzipSync(stored, options) : await decompress(stored, options);
  } catch (error) {
    throw new UnreadableObject(`${key} can't be decompressed: ${(error as Error).message}`);
  }
}

/** Bytes that both members take. Growing would copy it several times. */
function roomFor(stored: Buffer): number {
  return Math.min(LINE_BYTES + bodyBytesOf(stored), MAX_CHUNK_BYTES);
}

/** What gzip ends with: the length of the last member. A damaged object says anything. */
function bodyBytesOf(stored: Buffer): number {
  return stored.length < 4 ? 0 : stored.readUInt32LE(stored.length - 4);
}

/** Takes an answer's line of metadata and its body apart. Throws {@link UnreadableObject}. */
export function splitAnswer(key: string, content: Buffer): RawAnswer {
  const lineEnd = content.indexOf(0x0a);
  if (lineEnd < 0) throw new UnreadableObject(`${key} has no line of metadata`);
  let meta: RawMeta;
  try {
    meta = metaSchema.parse(JSON.parse(content.toString('utf8', 0, lineEnd)));
  } catch {
    throw new UnreadableObject(`${key} begins with no metadata of version 1`);
  }
  const body = content.subarray(lineEnd + 1);
  if (body.length !== meta.length) {
    throw new UnreadableObject(`${key} holds ${body.length} bytes of a body of ${meta.length}`);
  }
  return { meta, body };
}

/** {@link splitAnswer}, for contents that no checksum of their own protects. Throws {@link UnreadableObject}. */
export function checkAnswer(key: string, content: Buffer): RawAnswer {
  const answer = splitAnswer(key, content);
  const sha256 = createHash('sha256').update(answer.body).digest('hex');
  if (sha256 !== answer.meta.sha256 || parseRawKey(key)?.digest !== sha256.slice(0, DIGEST_LENGTH))
    throw new UnreadableObject(`${key} holds another body than the one that it was named by`);
  return answer;
}

/** An answer that is an object of its own, as a listing has it. */
export interface Single extends RawIdentity {
  key: string;
  /** Bytes stored. */
  size: number;
}

/** The answers below a prefix that are objects of their own, in the order of slot and receipt. Keys that are not ours are passed over. */
export async function* listSingles(store: Store, prefix: string): AsyncGenerator<Single> {
  for await (const { key, size } of store.list(prefix)) {
    const identity = parseRawKey(key);
    if (identity) yield { ...identity, key, size };
  }
}
