import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip } from 'node:zlib';
import { z } from 'zod';
import type { Day } from '../domain/day.js';
import { formatInstant, parseInstant } from '../domain/instant.js';
import { shownUrl } from '../domain/shownUrl.js';
import { formatSlot, isSlot, parseSlot, type Slot } from '../domain/slot.js';
import type { Document } from '../sources/document.js';
import { FEED_NAME } from '../sources/source.js';
import type { Store } from './store.js';

/**
 * The format of an answer that is an object of its own:
 *
 * - accepted answers: `polls/<feed>/<day>/<slot>/<received>-<sha256 prefix>.json.gz`
 * - rejected answers: the same path below `answers/`
 *
 * An object consists of two gzip members: one line of JSON with the metadata, then the body byte for byte. Therefore
 * `zcat` shows both. One write stores both members, so that neither exists without the other.
 */
export type RawKind = 'accepted' | 'rejected';

export const RAW_KINDS: readonly RawKind[] = ['accepted', 'rejected'];

/**
 * The folder of each kind of answer: the first segment of keys, and the name of the kind in a sealed object's index.
 */
export const RAW_FOLDERS = { accepted: 'polls', rejected: 'answers' } as const satisfies Record<
  RawKind,
  string
>;

/** Return the kind of answer that a folder of the raw store holds. */
export function kindOfFolder(folder: (typeof RAW_FOLDERS)[RawKind]): RawKind {
  return folder === RAW_FOLDERS.accepted ? 'accepted' : 'rejected';
}

/** A document of an answer with several documents: one response of the server. */
const documentSchema = z.object({
  /** Address without secrets. */
  url: z.string(),
  http_status: z.number(),
  /** ISO instant. */
  received_at: z.string(),
  /** The header `Content-Type`; absent when the response had none. */
  content_type: z.string().optional(),
  /** Length of the document, in bytes. */
  length: z.number(),
});

export type RawDocument = z.infer<typeof documentSchema>;

const metaSchema = z.object({
  /** 2 when the body consists of several documents, else 1. */
  version: z.union([z.literal(1), z.literal(2)]),
  feed: z.string(),
  source: z.string(),
  url: z.string().nullable(),
  slot: z.string(),
  /** How the body was obtained: by a poll of this installation, or by importing a recorded file. */
  origin: z.enum(['poll', 'import']),
  /** ISO instants. For an imported body, only the receipt is known. */
  started_at: z.string().nullable(),
  received_at: z.string(),
  http_status: z.number().nullable(),
  /**
   * The header `Content-Type`, which may say in which charset the body is. Absent for an imported body, for an answer
   * without the header, and for answers that were stored before this member existed.
   */
  content_type: z.string().optional(),
  attempts: z.number(),
  /** Length of the body, in bytes. */
  length: z.number(),
  sha256: z.string(),
  /** Why the answer was rejected; null for an accepted answer. */
  reason: z.string().nullable(),
  /** The file that an imported body was read from. */
  file: z.string().nullable(),
  /**
   * The documents in the body, one after another without a separator, in the order of their requests. Absent when the
   * body is one document.
   */
  documents: z.array(documentSchema).min(1).optional(),
  /** Why documents are missing after the last one, such as `http_500`; absent when all documents were read. */
  missing: z.string().optional(),
});

export type RawMeta = z.infer<typeof metaSchema>;

/** The metadata that a poll or an import must supply with a body. The remaining metadata is computed. */
export type RawOrigin = Omit<RawMeta, 'version' | 'slot' | 'length' | 'sha256' | 'received_at'> & {
  slot: Slot;
  day: Day;
  /** Milliseconds since the epoch. */
  receivedMs: number;
};

/** The identity of an answer: exactly the facts that its key encodes. */
export interface RawIdentity {
  kind: RawKind;
  feed: string;
  day: Day;
  slot: Slot;
  /** Milliseconds since the epoch. */
  receivedMs: number;
  /**
   * The first 16 hexadecimal digits of the body's SHA-256, followed by `p` when documents of the answer are missing (the
   * answer is partial).
   */
  digest: string;
}

/** An answer's metadata and body. */
export interface RawAnswer {
  meta: RawMeta;
  body: Buffer;
}

/** A raw object with wrong content: truncated, changed, or not written by Ladepuls. */
export class UnreadableObject extends Error {
  override name = 'UnreadableObject';
}

const DIGEST_LENGTH = 16;
const PARTIAL = 'p';
const KEY = /^(polls|answers)\/([^/]+)\/([\d-]+)\/(\d{8}T\d{4}Z)\/(\d{8}T\d{9}Z)-([0-9a-f]{16}p?)\.json\.gz$/;
const compress = promisify(gzip);
const decompress = promisify(gunzip);
/** Limit in bytes for decompression on the calling thread. A larger body would block that thread for too long. */
const SMALL_BYTES = 1024 * 1024;
/** Upper bound for the length of the line of metadata. */
const LINE_BYTES = 4 * 1024;
/** Upper bound for the output buffer, because the length in a damaged object can be any number. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

/** Return the key of an answer as an object of its own. A sealed answer keeps this key as its name. */
export function rawKey({ kind, feed, day, slot, receivedMs, digest }: RawIdentity): string {
  return `${RAW_FOLDERS[kind]}/${feed}/${day}/${formatSlot(slot)}/${formatInstant(receivedMs)}-${digest}.json.gz`;
}

/** Return whether documents are missing in the answer with this digest. */
export function isPartial({ digest }: Pick<RawIdentity, 'digest'>): boolean {
  return digest.endsWith(PARTIAL);
}

/** Return the digest of an answer with this SHA-256, in hexadecimal digits. */
function digestOf(sha256: string, { missing }: Pick<RawMeta, 'missing'>): string {
  return sha256.slice(0, DIGEST_LENGTH) + (missing === undefined ? '' : PARTIAL);
}

/** Parse a key of {@link rawKey}; null for a key of any other form. */
export function parseRawKey(key: string): RawIdentity | null {
  const [, folder, feed, day, slot, received, digest] = KEY.exec(key) ?? [];
  if (!folder || !feed || !day || !slot || !received || !digest || !isSlot(slot)) return null;
  const receivedMs = parseInstant(received);
  const kind = kindOfFolder(folder as (typeof RAW_FOLDERS)[RawKind]);
  return { kind, feed, day, slot: parseSlot(slot), receivedMs, digest };
}

/**
 * Store a body under the key that its content determines. Idempotent: a second call changes nothing.
 *
 * @param isThere whether an answer with this key is already stored elsewhere; if so, nothing is written
 * @throws RangeError when the feed's name is not valid
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
    version: rest.documents === undefined ? 1 : 2,
    ...rest,
    // Raw objects are stored forever and copied to other installations; therefore the address is stored without
    // secrets.
    url: rest.url === null ? null : shownUrl(rest.url),
    slot: formatSlot(slot),
    received_at: new Date(receivedMs).toISOString(),
    length: body.length,
    sha256,
  };
  const digest = digestOf(sha256, meta);
  const key = rawKey({ kind, feed: rest.feed, day, slot, receivedMs, digest });
  if (await isThere(key)) return { key, isNew: false };
  const members = await Promise.all([compress(JSON.stringify(meta) + '\n'), compress(body)]);
  return { key, isNew: await store.putNew(key, Buffer.concat(members)) };
}

/**
 * Read an answer that is an object of its own: the line of metadata, followed by the body. A small object is
 * decompressed on the calling thread, which takes about a millisecond.
 *
 * @throws UnreadableObject when the object can't be decompressed
 * @throws ObjectNotFound when no object has this key
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

/**
 * Return the size in bytes of an output buffer for both members. A smaller buffer would have to grow, which copies
 * the content several times.
 */
function roomFor(stored: Buffer): number {
  return Math.min(LINE_BYTES + bodyBytesOf(stored), MAX_CHUNK_BYTES);
}

/**
 * Return the length of the last member, which is the end of a gzip file. For a damaged object, it can be any number.
 */
function bodyBytesOf(stored: Buffer): number {
  return stored.length < 4 ? 0 : stored.readUInt32LE(stored.length - 4);
}

/**
 * Split the content of an answer into metadata and body.
 *
 * @throws UnreadableObject when there is no valid line of metadata, or the body has another length than it says
 */
export function splitAnswer(key: string, content: Buffer): RawAnswer {
  const lineEnd = content.indexOf(0x0a);
  if (lineEnd < 0) throw new UnreadableObject(`${key} has no line of metadata`);
  let meta: RawMeta;
  try {
    meta = metaSchema.parse(JSON.parse(content.toString('utf8', 0, lineEnd)));
  } catch {
    throw new UnreadableObject(`${key} does not begin with valid metadata of version 1 or 2`);
  }
  const body = content.subarray(lineEnd + 1);
  if (body.length !== meta.length) {
    throw new UnreadableObject(
      `${key} has a body of ${body.length} bytes, but its metadata says ${meta.length}`,
    );
  }
  const documents = meta.documents?.reduce((sum, { length }) => sum + length, 0) ?? meta.length;
  if (documents !== meta.length)
    throw new UnreadableObject(
      `${key} has a body of ${meta.length} bytes, and documents of ${documents} bytes`,
    );
  return { meta, body };
}

/**
 * Split an answer like {@link splitAnswer}, and compare the body's SHA-256 with metadata and key. Needed for content
 * that is not protected by a checksum of its own, unlike gzip.
 *
 * @throws UnreadableObject when the content is damaged
 */
export function checkAnswer(key: string, content: Buffer): RawAnswer {
  const answer = splitAnswer(key, content);
  const sha256 = createHash('sha256').update(answer.body).digest('hex');
  if (sha256 !== answer.meta.sha256 || parseRawKey(key)?.digest !== digestOf(sha256, answer.meta))
    throw new UnreadableObject(`${key} has a body whose SHA-256 differs from its key or metadata`);
  return answer;
}

/** Split the body of an answer into its documents, in the order of their requests. */
export function documentsOf({ meta, body }: DocumentedAnswer): Document[] {
  if (meta.documents === undefined) return [{ body, contentType: meta.content_type }];
  let end = 0;
  return meta.documents.map(({ length, content_type: contentType }) => {
    const start = end;
    end += length;
    return { body: body.subarray(start, end), contentType };
  });
}

/** The members of an answer that its documents are read from. */
export interface DocumentedAnswer {
  meta: Pick<RawMeta, 'content_type' | 'documents'>;
  body: Buffer;
}

/** An answer that is an object of its own, as listed. */
export interface Single extends RawIdentity {
  key: string;
  /** Size of the stored object, in bytes. */
  size: number;
}

/** List the unsealed answers below a prefix, ordered by slot and time of receipt. Ignores keys of any other form. */
export async function* listSingles(store: Store, prefix: string): AsyncGenerator<Single> {
  for await (const { key, size } of store.list(prefix)) {
    const identity = parseRawKey(key);
    if (identity) yield { ...identity, key, size };
  }
}
