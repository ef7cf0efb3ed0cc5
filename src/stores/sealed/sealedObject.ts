import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream';
import { constants, createBrotliCompress } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import type { Day } from '../../domain/day.js';
import type { Store } from '../store.js';
import { encodeIndex, type SealedIndex } from './sealedIndex.js';

/**
 * A sealed object holds all that is known of a feed's day: `sealed/<feed>/<day>/<content digest>.tar.br`.
 *
 * It is a tar archive, compressed as one brotli stream: `brotli -dc X | tar tf -`. Its first file is `index.json` (see
 * {@link SealedIndex}), which can be read without the rest. Then follows a file an answer, the good ones first, in the
 * order of slot and receipt. It is named as the answer's single object is, without `.gz`, and holds what `zcat` of that
 * shows: a line of metadata, then the body byte for byte.
 *
 * A day's answers hardly differ. The window reaches back over those before, so each costs little more than what changed: a
 * day of 38 feeds, of 284 MB, takes 0.6 MB.
 *
 * The digest is of the content, not of the compressed bytes: the same content has the same key, whichever version of a
 * library compressed it. A key is never written twice. What comes later makes another object, a new generation.
 */
const SEALED = 'sealed/';
const SUFFIX = '.tar.br';
/** The name of the archive's first file. */
export const INDEX_NAME = 'index.json';
const DIGEST_LENGTH = 16;

/** Whoever reads an object holds its window: so that is no larger than it needs to be, and 16 MB at most, which every decoder takes. */
const WINDOW_BITS = { least: 18, most: 24 };
/** With fewer answers in the window, some of what is the same is not found. */
const ANSWERS_IN_WINDOW = 8;
/** From 5 on, a better quality saves a few per cent; from 8 on, it takes several times as long. */
const QUALITY = 6;
/** Large blocks cross between threads less often. */
const CHUNK_BYTES = 512 * 1024;

/** The prefix of a feed's sealed objects; of all feeds' where none is given. */
export function sealedPrefix(feed?: string, day?: Day): string {
  return SEALED + (feed === undefined ? '' : `${feed}/`) + (day === undefined ? '' : `${day}/`);
}

/** The feed and day that a sealed object is of; null for keys that are not ours. */
export function parseSealedKey(key: string): { feed: string; day: Day } | null {
  const [, feed, day] = /^sealed\/([^/]+)\/([\d-]+)\/[0-9a-f]{16}\.tar\.br$/.exec(key) ?? [];
  return feed === undefined || day === undefined ? null : { feed, day };
}

/**
 * The key of the sealed object of this content.
 * @param lines the answers' lines of metadata, in the index's order: each holds its body's SHA-256
 */
export function sealedKey(index: SealedIndex, lines: Iterable<Buffer>): string {
  const hash = createHash('sha256').update(encodeIndex(index));
  for (const line of lines) hash.update(line);
  const digest = hash.digest('hex').slice(0, DIGEST_LENGTH);
  return `${sealedPrefix(index.feed, index.day)}${digest}${SUFFIX}`;
}

/** The name of an answer's file in the archive. */
export function fileName(key: string): string {
  return key.slice(0, -'.gz'.length);
}

/**
 * Writes a sealed object in constant memory, unless it is there.
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
  // Whoever fills the archive, or reads what is compressed, hears of failures.
  pipeline(archive, compressor, () => undefined);
  const filling = fill(archive, index, contents);
  try {
    await Promise.all([filling, store.putNewStream(key, compressor)]);
  } catch (error) {
    compressor.destroy(); // a store that fails leaves it standing, and what fills it waiting
    await filling.catch(() => undefined);
    throw error;
  }
}

/** The size of brotli's window, as the exponent of 2. */
function windowBits({ answers }: SealedIndex): number {
  const largest = answers.reduce((most, { length }) => Math.max(most, length), 1);
  const bits = Math.ceil(Math.log2(largest * ANSWERS_IN_WINDOW));
  return Math.min(WINDOW_BITS.most, Math.max(WINDOW_BITS.least, bits));
}

/** Throws what the contents throw; what else fails, whoever reads the archive reports. */
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

/** Adds a file that is of nobody and of no time, so that the same content gives the same archive. Waits until it has been read. */
function add(archive: Pack, name: string, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive
      .entry({ name, mtime: new Date(0) }, content, (error) => (error ? reject(error) : resolve()))
      .on('error', reject); // which would end the process if nobody heard it
  });
}
