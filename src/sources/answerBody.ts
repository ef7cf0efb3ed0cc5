import type { IncomingMessage } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { beginOf, decode } from './contentCoding.js';
import { MAX_PARTIAL_BYTES, PollFailure, type PollFailureReason } from './pollFailure.js';
import type { RequestLimit } from './requestLimit.js';

export interface BodyLimits {
  /** Maximum length of a body after decompression. */
  maxBodyBytes: number;
  /** Maximum length of a body on the wire. */
  maxEncodedBytes: number;
}

/**
 * Read the body as it arrives on the wire.
 *
 * @param shown the feed's address without secrets
 * @throws PollFailure when the body does not arrive completely
 */
export async function readEncodedBody(
  shown: string,
  message: IncomingMessage,
  { maxEncodedBytes }: BodyLimits,
  limit: RequestLimit,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const fail = async (reason: PollFailureReason, what: string, cause?: unknown): Promise<PollFailure> => {
    const received = {
      status: statusOf(message),
      partial: await decodeBegin(message, beginOf(chunks)),
    };
    return limit.failure(shown, received) ?? new PollFailure(reason, `${shown}: ${what}`, received, cause);
  };
  try {
    for await (const chunk of addAbortSignal(limit.signal, message) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxEncodedBytes) break;
    }
  } catch (error) {
    throw await fail('cut_short', `the connection ended after ${length} bytes of the body`, error);
  }
  if (length > maxEncodedBytes)
    throw await fail('too_large', `the answer has more than ${maxEncodedBytes} bytes before decompression`);
  if (!message.complete)
    throw await fail('cut_short', `the body is not complete: only ${length} bytes arrived`);
  return Buffer.concat(chunks, length);
}

/**
 * Undo the content coding of a body.
 *
 * @param shown the feed's address without secrets
 * @throws PollFailure when the body can't be decoded completely
 */
export async function decodeBody(
  shown: string,
  message: IncomingMessage,
  encoded: Buffer,
  { maxBodyBytes }: BodyLimits,
): Promise<Buffer> {
  const decoded = await decode(encoded, codingOf(message), maxBodyBytes);
  if (decoded.outcome === 'whole') return decoded.body;
  const received = { status: statusOf(message), partial: decoded.begin };
  throw new PollFailure(decoded.outcome, `${shown}: ${decoded.message}`, received);
}

async function decodeBegin(message: IncomingMessage, encoded: Buffer): Promise<Buffer> {
  const decoded = await decode(encoded, codingOf(message), MAX_PARTIAL_BYTES);
  return decoded.outcome === 'whole' ? decoded.body : decoded.begin;
}

function statusOf(message: IncomingMessage): number {
  return message.statusCode ?? 0;
}

function codingOf(message: IncomingMessage): string {
  return message.headers['content-encoding'] ?? '';
}
