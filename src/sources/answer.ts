import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { decodeBody, readEncodedBody, type BodyLimits } from './answerBody.js';
import { createAgents, type ConnectionOptions } from './connection.js';
import { ACCEPTED_CODINGS } from './contentCoding.js';
import { PollFailure, reasonOfRequestError } from './pollFailure.js';
import { limitRequest, type RequestLimit } from './requestLimit.js';

export { PollFailure } from './pollFailure.js';

const MAX_REDIRECTS = 3;

/** The headers worth keeping with a body. */
const KEPT_HEADERS = [
  'age',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'etag',
  'last-modified',
  'retry-after',
  'server',
] as const;

export interface AnswerClientOptions extends ConnectionOptions, BodyLimits {
  /** Names the project and whom to write to. */
  userAgent: string;
  /** From the request to the last byte, waiting for a connection included. */
  totalTimeoutMs: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** A whole answer, whatever its HTTP status: error pages come this way too. */
export interface Answer {
  kind: 'answer';
  status: number;
  /** The kept ones, by lower-case name, as the server sent them. */
  headers: Partial<Record<(typeof KEPT_HEADERS)[number], string>>;
  /** Byte for byte as the server sent it, content coding undone. */
  body: Buffer;
  /** When the request was made, milliseconds since the epoch. */
  startedMs: number;
  /** When the last byte had come, milliseconds since the epoch. */
  receivedMs: number;
  /** Length of the body on the wire. */
  encodedBytes: number;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Instead of the client's total timeout. */
  timeoutMs?: number | undefined;
}

export interface AnswerClient {
  /**
   * Gets one address. Throws {@link PollFailure} unless a whole answer came: one that is cut short, by its
   * length, in the middle of a chunk or of its compression, never counts as whole. (A body that has
   * neither length nor chunks nor compression ends where the connection ends; its JSON tells.)
   */
  request(url: string, options?: RequestOptions): Promise<Answer>;
  /** Ends what is under way with the reason `aborted`, and all connections. */
  close(): void;
}

/**
 * An HTTP client for polling: connections are kept and few, every wait and every size has a bound.
 *
 * @example
 * const client = createAnswerClient({ userAgent, connectTimeoutMs: 10_000, totalTimeoutMs: 60_000,
 *   maxBodyBytes: 64e6, maxEncodedBytes: 16e6, maxSocketsPerHost: 4 });
 * const { status, body } = await client.request('https://new-poi.chargecloud.de/koeln');
 */
export function createAnswerClient(options: AnswerClientOptions): AnswerClient {
  const agents = createAgents(options);
  const http = axios.create({
    responseType: 'stream',
    // Decoded here: axios would neither tell a cut stream from a whole one nor bound what comes out.
    decompress: false,
    maxRedirects: MAX_REDIRECTS,
    httpAgent: agents.http,
    httpsAgent: agents.https,
    validateStatus: null,
    headers: {
      'User-Agent': options.userAgent,
      Accept: 'application/json',
      'Accept-Encoding': ACCEPTED_CODINGS,
    },
  });
  const closing = new AbortController();
  // One listener a request under way: more than ten of them are no leak.
  setMaxListeners(0, closing.signal);
  return {
    request: (url, request = {}) => poll(http, options, url, request, closing.signal),
    close() {
      closing.abort();
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

async function poll(
  http: AxiosInstance,
  options: AnswerClientOptions,
  url: string,
  { signal, timeoutMs = options.totalTimeoutMs }: RequestOptions,
  closing: AbortSignal,
): Promise<Answer> {
  const limit = limitRequest(timeoutMs, [signal, closing]);
  const now = options.now ?? Date.now;
  const startedMs = now();
  try {
    const message = await openAnswer(http, url, limit);
    const encoded = await readEncodedBody(url, message, options, limit);
    const receivedMs = now();
    const body = await decodeBody(url, message, encoded, options);
    return {
      kind: 'answer',
      status: message.statusCode ?? 0,
      headers: keptHeaders(message),
      body,
      startedMs,
      receivedMs,
      encodedBytes: encoded.length,
    };
  } finally {
    limit.release();
  }
}

async function openAnswer(http: AxiosInstance, url: string, limit: RequestLimit): Promise<IncomingMessage> {
  try {
    return (await http.get<IncomingMessage>(url, { signal: limit.signal })).data;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw limit.failure(url) ?? new PollFailure(reasonOfRequestError(error), `${url}: ${what}`, {}, error);
  }
}

function keptHeaders(message: IncomingMessage): Answer['headers'] {
  const headers: Answer['headers'] = {};
  for (const name of KEPT_HEADERS) {
    const value = message.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}
