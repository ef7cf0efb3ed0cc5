import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { MAX_PARTIAL_BYTES } from './pollFailure.js';

/** The content codings that {@link decode} supports, as a value of `Accept-Encoding`. */
export const ACCEPTED_CODINGS = 'gzip, br, deflate';

/** The result of {@link decode}. Only `whole` means that the body is complete. `begin` has at most 1 MB. */
export type Decoded =
  | { outcome: 'whole'; body: Buffer }
  | { outcome: 'cut_short' | 'bad_encoding' | 'too_large'; begin: Buffer; message: string };

/**
 * Undo a body's content coding in zlib's thread pool. Stops when the decoded body exceeds the limit, because a hundred
 * megabytes of zeros take only a hundred kilobytes on the wire.
 *
 * @param coding the header `Content-Encoding`; "" for none
 * @returns the decoded body; or the beginning that could be decoded, and why the rest could not
 */
export async function decode(encoded: Buffer, coding: string, maxDecodedBytes: number): Promise<Decoded> {
  const name = coding.trim().toLowerCase();
  // Many servers send an empty error page with the content coding of the normal page.
  if (name === '' || name === 'identity' || encoded.length === 0) return whole(encoded, maxDecodedBytes);
  const decoder = decoderOf(name, encoded);
  if (!decoder) {
    return {
      outcome: 'bad_encoding',
      begin: beginOf([encoded]),
      message: `content coding "${coding}" is not supported`,
    };
  }
  return run(decoder, encoded, maxDecodedBytes);
}

function whole(body: Buffer, maxBytes: number): Decoded {
  if (body.length <= maxBytes) return { outcome: 'whole', body };
  return {
    outcome: 'too_large',
    begin: beginOf([body]),
    message: `the answer has more than ${maxBytes} bytes`,
  };
}

function decoderOf(name: string, encoded: Buffer): Transform | null {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      // The standard's deflate has zlib's header; some servers omit it.
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
        const message = `the answer has more than ${maxDecodedBytes} bytes after decompression`;
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
  // Without decoded output, store the encoded bytes: they may show what the server sent instead.
  return { outcome: 'bad_encoding', begin: beginOf(chunks.length > 0 ? chunks : [encoded]), message };
}

/** Return a copy of the first bytes. A view would keep all bytes in memory as long as the failure is referenced. */
export function beginOf(chunks: readonly Buffer[]): Buffer {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return Buffer.concat(chunks, Math.min(length, MAX_PARTIAL_BYTES));
}
