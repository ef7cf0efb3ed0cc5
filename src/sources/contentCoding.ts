import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { MAX_PARTIAL_BYTES } from './pollFailure.js';

/** The content codings that {@link decode} undoes, as they stand in `Accept-Encoding`. */
export const ACCEPTED_CODINGS = 'gzip, br, deflate';

/** What {@link decode} made of a body. `whole` alone says that it is all there; `begin` is at most 1 MB of it. */
export type Decoded =
  | { outcome: 'whole'; body: Buffer }
  | { outcome: 'cut_short' | 'bad_encoding' | 'too_large'; begin: Buffer; message: string };

/**
 * Undoes a body's content coding in zlib's thread pool, and stops once it has grown past the limit: a
 * hundred megabytes of zeros are a hundred kilobytes on the wire.
 * @param coding the header `Content-Encoding`; "" for none
 * @returns the decoded body, or its beginning as far as it could be decoded, and why that is not all
 */
export async function decode(encoded: Buffer, coding: string, maxDecodedBytes: number): Promise<Decoded> {
  const name = coding.trim().toLowerCase();
  // Many servers send their error pages empty under the coding of the page that they didn't make.
  if (name === '' || name === 'identity' || encoded.length === 0) return whole(encoded, maxDecodedBytes);
  const decoder = decoderOf(name, encoded);
  if (!decoder) {
    return {
      outcome: 'bad_encoding',
      begin: beginOf([encoded]),
      message: `content coding "${coding}" was not asked for`,
    };
  }
  return run(decoder, encoded, maxDecodedBytes);
}

function whole(body: Buffer, maxBytes: number): Decoded {
  if (body.length <= maxBytes) return { outcome: 'whole', body };
  return { outcome: 'too_large', begin: beginOf([body]), message: `more than ${maxBytes} bytes` };
}

function decoderOf(name: string, encoded: Buffer): Transform | null {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      // The standard's deflate has zlib's header; some servers send it without.
      return ((encoded[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
    default:
      return null;
  }
}

async function run(decoder: Transform, encoded: Buffer, maxDecodedBytes: number): Promise<Decoded> {
  const chunks: Buffer[] = [];
  let length = 0;
  decoder.end(encoded);
  try {
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxDecodedBytes) {
        const message = `more than ${maxDecodedBytes} bytes after decompression`;
        return { outcome: 'too_large', begin: beginOf(chunks), message };
      }
    }
  } catch (error) {
    return decodingFailure(error, chunks, encoded);
  }
  return { outcome: 'whole', body: Buffer.concat(chunks, length) };
}

function decodingFailure(error: unknown, chunks: Buffer[], encoded: Buffer): Decoded {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return { outcome: 'cut_short', begin: beginOf(chunks), message };
  // Nothing came out: what the server sent instead is in the bytes themselves.
  return { outcome: 'bad_encoding', begin: beginOf(chunks.length > 0 ? chunks : [encoded]), message };
}

/** A copy of the first bytes: a view would hold all the rest in memory for as long as the failure is kept. */
export function beginOf(chunks: readonly Buffer[]): Buffer {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return Buffer.concat(chunks, Math.min(length, MAX_PARTIAL_BYTES));
}
