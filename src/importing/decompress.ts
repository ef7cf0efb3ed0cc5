import { constants, gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { errorCode } from '../stores/errorCode.js';
import { UnreadableFile } from './unreadableFile.js';

/**
 * The largest poll file, compressed or not: a hundred times a usual one of two megabytes. Some files are
 * held at once, and JavaScript has no texts of more than 512 MB.
 */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** A file's content without its compression. */
export interface Content {
  bytes: Buffer;
  /** Whether compressed data ends before its end: then `bytes` is what could be read of it. */
  cutShort: boolean;
}

const gunzipped = promisify(gunzip);

/** Decompresses what is gzip by its first bytes, whatever its name, and gives back the rest as it is. Throws {@link UnreadableFile}. */
export async function decompress(stored: Buffer): Promise<Content> {
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) return { bytes: stored, cutShort: false };
  try {
    return { bytes: await gunzipped(stored, { maxOutputLength: MAX_FILE_BYTES }), cutShort: false };
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    // What is damaged is not used: nobody can say which of its bytes are the ones that were written.
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

/** Why a file of more than {@link MAX_FILE_BYTES} is not read. */
export function tooLarge(): UnreadableFile {
  const megabytes = MAX_FILE_BYTES / (1024 * 1024);
  return new UnreadableFile(`holds more than ${megabytes} MB: no poll is that large`);
}
