import { constants } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import type { AnswerLimits } from './answerLimits.js';
import { BadAnswer } from './source.js';

const CHUNK_BYTES = 64 * 1024;

/**
 * Return whether a body is a gzip file. No other format of a feed begins with these two bytes. An HTTP client does not
 * decompress a gzip file that a server sends without `Content-Encoding`.
 */
export function isGzipFile(body: Uint8Array): boolean {
  return body[0] === 0x1f && body[1] === 0x8b;
}

/**
 * Decompress a body that is a gzip file of one or several members, on the calling thread. Any other body is returned
 * unchanged.
 *
 * @throws BadAnswer with the reason `cut_short`, `too_large`, or `bad_encoding`, also for a gzip file in a gzip file
 */
export function unpackGzipFile(body: Buffer, limits: AnswerLimits): Buffer {
  if (!isGzipFile(body)) return body;
  const content = gunzip(body, limits);
  if (isGzipFile(content))
    throw new BadAnswer('bad_encoding', 'the answer is a gzip file in a gzip file: only one of them is read');
  return content;
}

function gunzip(body: Buffer, { maxBodyBytes }: AnswerLimits): Buffer {
  try {
    const maxOutputLength = Math.min(maxBodyBytes, constants.MAX_LENGTH);
    return gunzipSync(body, { maxOutputLength, chunkSize: CHUNK_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new BadAnswer(
        'too_large',
        `the gzip file holds more than ${maxBodyBytes} bytes, which is all that LADEPULS_MAX_BODY allows`,
      );
    if (code === 'Z_BUF_ERROR')
      throw new BadAnswer('cut_short', `only ${body.length} bytes of the gzip file came: its end is missing`);
    throw new BadAnswer('bad_encoding', `the gzip file is damaged: ${message}`);
  }
}
