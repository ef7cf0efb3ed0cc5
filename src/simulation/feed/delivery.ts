import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';

/** The body of a response, with its status and headers. */
export interface Delivery {
  status: number;
  contentType: string;
  body: Buffer;
  retryAfterSeconds?: number | undefined;
  /** Further headers. */
  headers?: Record<string, string>;
}

const DRIP_INTERVAL_MS = 50;
const HUGE_CHUNK_BYTES = 65_536;

/** Send a complete body, compressed by gzip if the client accepts that. */
export async function deliver(
  response: ServerResponse,
  delivery: Delivery,
  acceptsGzip: boolean,
): Promise<void> {
  writeHead(response, delivery);
  if (acceptsGzip) {
    response.setHeader('Content-Encoding', 'gzip');
    await finish(response, await promisify(gzip)(delivery.body));
  } else await finish(response, delivery.body);
}

/** Send an uncompressed body that the header announces as gzip. */
export async function deliverMislabelled(response: ServerResponse, delivery: Delivery): Promise<void> {
  writeHead(response, delivery);
  response.setHeader('Content-Encoding', 'gzip');
  await finish(response, delivery.body);
}

/** Send a body a few bytes at a time, until everything is sent or the client has closed the connection. */
export async function deliverSlowly(response: ServerResponse, delivery: Delivery, bytesPerSecond: number) {
  writeHead(response, delivery);
  response.setHeader('Content-Length', delivery.body.length);
  const step = Math.max(1, Math.round((bytesPerSecond * DRIP_INTERVAL_MS) / 1000));
  for (let sent = 0; sent < delivery.body.length && !response.destroyed; sent += step) {
    response.write(delivery.body.subarray(sent, sent + step));
    await wait(DRIP_INTERVAL_MS);
  }
  response.end();
}

/** Send only the first half of a body, by one of three means. */
export async function deliverCut(
  response: ServerResponse,
  delivery: Delivery,
  where: 'length' | 'chunks' | 'gzip',
): Promise<void> {
  const { body } = delivery;
  writeHead(response, delivery);
  if (where === 'gzip') {
    const zipped = await promisify(gzip)(body);
    response.setHeader('Content-Encoding', 'gzip');
    await finish(response, zipped.subarray(0, zipped.length >> 1));
    return;
  }
  if (where === 'length') response.setHeader('Content-Length', body.length);
  // Close the socket only after the operating system has the data. Otherwise the data would be lost with the socket,
  // and nothing would arrive.
  response.write(body.subarray(0, body.length >> 1), () => response.socket?.end());
}

/** Send spaces, which are generated while they are sent. */
export async function deliverHuge(
  response: ServerResponse,
  bytes: number,
  compressed: boolean,
): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'application/json',
    ...(compressed ? { 'Content-Encoding': 'gzip' } : {}),
  });
  const blanks = Readable.from(blankChunks(bytes), { objectMode: false });
  // Ignore the error: the client closes the connection long before the end, which is the purpose of this fault.
  await (compressed ? pipeline(blanks, createGzip(), response) : pipeline(blanks, response)).catch(
    () => undefined,
  );
}

function* blankChunks(bytes: number): Generator<Buffer> {
  const blanks = Buffer.alloc(HUGE_CHUNK_BYTES, ' ');
  for (let left = bytes; left > 0; left -= HUGE_CHUNK_BYTES)
    yield blanks.subarray(0, Math.min(left, HUGE_CHUNK_BYTES));
}

function writeHead(
  response: ServerResponse,
  { status, contentType, retryAfterSeconds, headers = {} }: Delivery,
): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', contentType);
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
}

function finish(response: ServerResponse, bytes: Buffer): Promise<void> {
  response.setHeader('Content-Length', bytes.length);
  return new Promise((resolve) => response.end(bytes, resolve));
}
