import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream';
import { constants, createBrotliCompress } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import type { Day } from '../../domain/day.js';
import type { Store } from '../store.js';
import { encodeIndex, type SealedIndex } from './sealedIndex.js';

/**
 * A sealed object holds everything that is stored of a feed and day: `sealed/<feed>/<day>/<content digest>.tar.br`.
 *
 * It is a tar archive, compressed as one brotli stream: `brotli -dc X | tar tf -`. Its first file is `index.json` (see
 * {@link SealedIndex}), which can be read without the rest. Then follows one file per answer: accepted answers first,
 * each kind ordered by slot and time of receipt. A file has the key of the answer without `.gz` as its name. Its
 * content is what `zcat` of the unsealed object shows: a line of metadata, then the body byte for byte.
 *
 * A day's answers hardly differ. Brotli's window covers several earlier answers, so that each answer takes little more
 * space than its changes: a day of 38 feeds with 284 MB takes 0.6 MB.
 *
 * The digest is computed from the content, not from the compressed bytes. The same content therefore has the same key,
 * whichever version of a library compressed it. A key is never written twice. Later content leads to another object, a
 * new generation.
 */
const SEALED = 'sealed/';
const SUFFIX = '.tar.br';
/** The name of the archive's first file. */
export const INDEX_NAME = 'index.json';
const DIGEST_LENGTH = 16;

/**
 * Limits of brotli's window, as exponents of 2. A reader holds the window in memory; therefore it is as small as
 * possible. The maximum, 16 MB, is supported by every decoder.
 */
const WINDOW_BITS = { least: 18, most: 24 };
/** Answers that the window must cover. With fewer, brotli misses repetitions. */
const ANSWERS_IN_WINDOW = 8;
/** Brotli quality. Above 5, quality saves a few per cent; from 8 on, compression takes several times as long. */
const QUALITY = 6;
/** Large chunks cross between threads less often. */
const CHUNK_BYTES = 512 * 1024;

/** Return the prefix of all sealed objects, of a feed's, or of a feed and day's. */
export function sealedPrefix(feed?: string, day?: Day): string {
  return SEALED + (feed === undefined ? '' : `${feed}/`) + (day === undefined ? '' : `${day}/`);
}

/** Parse the key of a sealed object; null for a key of any other form. */
export function parseSealedKey(key: string): { feed: string; day: Day } | null {
  const [, feed, day] = /^sealed\/([^/]+)\/([\d-]+)\/[0-9a-f]{16}\.tar\.br$/.exec(key) ?? [];
  return feed === undefined || day === undefined ? null : { feed, day };
}

/**
 * Return the key of the sealed object with this content.
 *
 * @param lines the answers' lines of metadata, in the index's order; each contains its body's SHA-256
 */
export function sealedKey(index: SealedIndex, lines: Iterable<Buffer>): string {
  const hash = createHash('sha256').update(encodeIndex(index));
  for (const line of lines) hash.update(line);
  const digest = hash.digest('hex').slice(0, DIGEST_LENGTH);
  return `${sealedPrefix(index.feed, index.day)}${digest}${SUFFIX}`;
}

/** Return the name of an answer's file in the archive. */
export function fileName(key: string): string {
  return key.slice(0, -'.gz'.length);
}

/**
 * Write a sealed object in constant memory, unless it exists.
 *
 * @param contents the answers' lines of metadata and bodies, in the index's order
 */
export async function putSealed(
  store: Store,
  key: string,
  index: SealedIndex,
  contents: AsyncIterable<Buffer>,
): Promise<void> {
  const compressor = createBrotliCompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_LGWIN]: windowBits(index) },
  });
  const archive = pack();
  // Failures reach the code that fills the archive or reads the compressed stream.
  pipeline(archive, compressor, () => undefined);
  const filling = fill(archive, index, contents);
  try {
    await Promise.all([filling, store.putNewStream(key, compressor)]);
  } catch (error) {
    compressor.destroy(); // otherwise `fill` would wait forever after a failure of the store
    await filling.catch(() => undefined);
    throw error;
  }
}

/** Return the size of brotli's window, as the exponent of 2. */
function windowBits({ answers }: SealedIndex): number {
  const largest = answers.reduce((most, { length }) => Math.max(most, length), 1);
  const bits = Math.ceil(Math.log2(largest * ANSWERS_IN_WINDOW));
  return Math.min(WINDOW_BITS.most, Math.max(WINDOW_BITS.least, bits));
}

/**
 * Write the index and all answers to the archive. Throws only errors of `contents`; the reader of the archive receives
 * all other errors.
 */
async function fill(archive: Pack, index: SealedIndex, contents: AsyncIterable<Buffer>): Promise<void> {
  const names = index.answers.map(({ key }) => fileName(key));
  let position = 0;
  try {
    await add(archive, INDEX_NAME, encodeIndex(index));
    for await (const content of contents) await add(archive, names[position++] ?? '', content);
    archive.finalize();
  } catch (error) {
    if (archive.destroying) return;
    archive.destroy(error as Error);
    throw error;
  }
}

/**
 * Add a file to the archive, and wait until it was read. The file has no owner and a fixed time, so that the same
 * content yields the same archive.
 */
function add(archive: Pack, name: string, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive
      .entry({ name, mtime: new Date(0) }, content, (error) => (error ? reject(error) : resolve()))
      .on('error', reject); // an unhandled error would end the process
  });
}
