import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { shownUrl } from '../domain/shownUrl.js';
import { decodeBody, readEncodedBody, type BodyLimits } from './answerBody.js';
import { PUBLIC } from './addressRange.js';
import { type Agents, type ConnectionOptions, type Connections, createConnections } from './connection.js';
import { ACCEPTED_CODINGS } from './contentCoding.js';
import { PAGE_HEADERS } from './paging.js';
import { PollFailure, reasonOfRequestError } from './pollFailure.js';
import { checkProxied, hasProxy, isSameHost } from './proxy.js';
import { checkLiteral, followRedirect, redirectOf } from './redirects.js';
import { limitRequest, type RequestLimit } from './requestLimit.js';

export { PollFailure } from './pollFailure.js';

const MAX_REDIRECTS = 3;

/** The response headers that are read. */
const READ_HEADERS = [
  ...PAGE_HEADERS,
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
  /** Names the project and a contact address. */
  userAgent: string;
  /** Limit from the request to the last byte, including the wait for a free connection. */
  totalTimeoutMs: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** A complete response, whatever its HTTP status: error pages too. */
export interface Answer {
  kind: 'answer';
  status: number;
  /** The headers that are read, by lower-case name, with the values that the server sent. */
  headers: Partial<Record<(typeof READ_HEADERS)[number], string>>;
  /** The body byte for byte as the server sent it, after undoing the content coding. */
  body: Buffer;
  /** Milliseconds since the epoch at which the request started. */
  startedMs: number;
  /** Milliseconds since the epoch at which the last byte arrived. */
  receivedMs: number;
  /** Length of the body on the wire, in bytes. */
  encodedBytes: number;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Replaces the client's `totalTimeoutMs`. */
  timeoutMs?: number | undefined;
}

export interface AnswerClient {
  /**
   * Request one address, and return the complete response. A response is incomplete when it ends before its
   * Content-Length, in the middle of a chunk, or in the middle of its compression. A body without length, chunks and
   * compression ends where the connection ends; only parsing its JSON shows whether it is complete.
   *
   * @throws PollFailure when no complete response arrives
   */
  request(url: string, options?: RequestOptions): Promise<Answer>;
  /** Abort running requests with the reason `aborted`, and close all connections. */
  close(): void;
}

/**
 * Create an HTTP client for polling. Connections are reused and few. Every wait and every size is limited.
 *
 * @example
 * const client = createAnswerClient({ userAgent, connectTimeoutMs: 10_000, totalTimeoutMs: 60_000,
 *   maxBodyBytes: 64e6, maxEncodedBytes: 16e6, maxSocketsPerHost: 4 });
 * const { status, body } = await client.request('https://new-poi.chargecloud.de/koeln');
 */
export function createAnswerClient(options: AnswerClientOptions): AnswerClient {
  const connections = createConnections(options);
  const http = axios.create({
    responseType: 'stream',
    // Decoded by decodeBody: axios would not detect a truncated stream, nor limit the size of the decoded body.
    decompress: false,
    // Redirects are followed by openAnswer: which addresses are allowed depends on the feed's own address.
    maxRedirects: 0,
    validateStatus: null,
    headers: {
      'User-Agent': options.userAgent,
      Accept: 'application/json',
      'Accept-Encoding': ACCEPTED_CODINGS,
    },
  });
  const closing = new AbortController();
  // Each running request adds a listener. More than ten listeners are normal, not a leak.
  setMaxListeners(0, closing.signal);
  return {
    request: (url, request = {}) => poll({ http, connections }, options, url, request, closing.signal),
    close() {
      closing.abort();
      connections.destroy();
    },
  };
}

/** The means to make requests. */
interface Means {
  http: AxiosInstance;
  connections: Connections;
}

async function poll(
  means: Means,
  options: AnswerClientOptions,
  url: string,
  { signal, timeoutMs = options.totalTimeoutMs }: RequestOptions,
  closing: AbortSignal,
): Promise<Answer> {
  const shown = shownUrl(url);
  const limit = limitRequest(timeoutMs, [signal, closing]);
  const now = options.now ?? Date.now;
  const startedMs = now();
  try {
    const message = await openAnswer(means, url, shown, limit);
    const encoded = await readEncodedBody(shown, message, options, limit);
    const receivedMs = now();
    const body = await decodeBody(shown, message, encoded, options);
    return {
      kind: 'answer',
      status: message.statusCode ?? 0,
      headers: readHeaders(message),
      body,
      startedMs,
      receivedMs,
      encodedBytes: encoded.length,
    };
  } finally {
    limit.release();
  }
}

/**
 * Request the feed's address, and follow redirects to public addresses. A redirect to an internal address is followed
 * only when the feed's own address is in the same address range: a user who configures a feed on loopback wants to
 * reach loopback. Behind a proxy, no redirect to another host is followed.
 *
 * @param shown the feed's address without secrets
 */
async function openAnswer(
  { http, connections }: Means,
  url: string,
  shown: string,
  limit: RequestLimit,
): Promise<IncomingMessage> {
  let message = await get(http, shown, url, connections.direct, limit);
  // Behind a proxy, the remote address is the proxy's and says nothing about the feed.
  const allowedRange = hasProxy(url) ? PUBLIC : connections.rangeOf(message);
  let address = url;
  for (let redirects = 0; ; redirects++) {
    const location = redirectOf(message);
    if (location === null) return message;
    const status = message.statusCode ?? 0;
    message.destroy();
    if (redirects === MAX_REDIRECTS)
      throw new PollFailure('redirects', `${shown}: more than ${MAX_REDIRECTS} redirects`, { status });
    address = followRedirect(shown, address, location, status);
    checkProxied(shown, url, address, status);
    if (hasProxy(address) && isSameHost(url, address)) {
      message = await get(http, shown, address, connections.direct, limit);
      continue;
    }
    checkLiteral(shown, address, allowedRange, connections, status);
    message = await get(http, shown, address, connections.redirected(allowedRange), limit);
  }
}

/** Request an address, through the proxy that the environment names for it. */
async function get(
  http: AxiosInstance,
  shown: string,
  address: string,
  agents: Agents,
  limit: RequestLimit,
): Promise<IncomingMessage> {
  try {
    const options = {
      signal: limit.signal,
      httpAgent: agents.http,
      httpsAgent: agents.https,
      ...(hasProxy(address) ? {} : { proxy: false as const }),
    };
    return (await http.get<IncomingMessage>(address, options)).data;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw (
      limit.failure(shown) ?? new PollFailure(reasonOfRequestError(error), `${shown}: ${what}`, {}, error)
    );
  }
}

function readHeaders(message: IncomingMessage): Answer['headers'] {
  const headers: Answer['headers'] = {};
  for (const name of READ_HEADERS) {
    const value = message.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}
