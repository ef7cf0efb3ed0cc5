import { constants, gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { errorCode } from '../stores/errorCode.js';
import { UnreadableFile } from './unreadableFile.js';

/**
 * Size of the largest poll file in bytes, compressed or not: about a hundred times a usual file of two megabytes.
 * Several files are in memory at once, and a JavaScript string can't exceed 512 MB.
 */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Content of a file after decompression. */
export interface Content {
  bytes: Buffer;
  /** Whether the compressed data is truncated. Then `bytes` is the beginning that could be read. */
  cutShort: boolean;
}

const gunzipped = promisify(gunzip);

/**
 * Decompress a file whose first bytes are those of gzip, whatever its name. Any other file is returned as it is.
 *
 * @throws UnreadableFile when the compressed data is damaged, or decompresses to more than {@link MAX_FILE_BYTES}
 */
export async function decompress(stored: Buffer): Promise<Content> {
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) return { bytes: stored, cutShort: false };
  try {
    return { bytes: await gunzipped(stored, { maxOutputLength: MAX_FILE_BYTES }), cutShort: false };
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    // Damaged data is not used, because nobody can tell which of its bytes are correct.
    if (errorCode(error) !== 'Z_BUF_ERROR')
      throw new UnreadableFile(`is damaged: it can't be decompressed (${(error as Error).message})`);
  }
  const beginning = await gunzipped(stored, {
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: MAX_FILE_BYTES,
  }).catch((error: unknown) => {
    throw errorCode(error) === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : error;
  });
  return { bytes: beginning, cutShort: true };
}

/** Return the error for a file of more than {@link MAX_FILE_BYTES}. */
export function tooLarge(): UnreadableFile {
  const megabytes = MAX_FILE_BYTES / (1024 * 1024);
  return new UnreadableFile(`holds more than ${megabytes} MB: no poll is that large`);
}
