import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { shownUrl } from '../domain/shownUrl.js';
import { decodeBody, readEncodedBody, type BodyLimits } from './answerBody.js';
import { PUBLIC } from './addressRange.js';
import { type Agents, type ConnectionOptions, type Connections, createConnections } from './connection.js';
import { ACCEPTED_CODINGS } from './contentCoding.js';
import { PollFailure, reasonOfRequestError } from './pollFailure.js';
import { checkProxied, hasProxy, isSameHost } from './proxy.js';
import { checkLiteral, followRedirect, redirectOf } from './redirects.js';
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
  const connections = createConnections(options);
  const http = axios.create({
    responseType: 'stream',
    // Decoded here: axios would neither tell a cut stream from a whole one nor bound what comes out.
    decompress: false,
    // Followed here: where a redirect may lead depends on where the feed's own address leads.
    maxRedirects: 0,
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
    request: (url, request = {}) => poll({ http, connections }, options, url, request, closing.signal),
    close() {
      closing.abort();
      connections.destroy();
    },
  };
}

/** What requests are made with. */
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
      headers: storedHeaders(message),
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
 * Asks the feed's address, and follows redirects to public addresses. One to an internal address is followed only where the
 * feed's own address is of the same range: who configures a feed on loopback wants to reach loopback. Through a proxy no
 * redirect leads to another host.
 *
 * @param shown the feed's address as it may be shown
 */
async function openAnswer(
  { http, connections }: Means,
  url: string,
  shown: string,
  limit: RequestLimit,
): Promise<IncomingMessage> {
  let message = await get(http, shown, url, connections.direct, limit);
  // The address of a proxy says nothing about the feed's.
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

/** Asks an address, by the proxy that the environment names for it. */
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

function storedHeaders(message: IncomingMessage): Answer['headers'] {
  const headers: Answer['headers'] = {};
  for (const name of KEPT_HEADERS) {
    const value = message.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}
