import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { shownUrl } from '../domain/shownUrl.js';
import { decodeBody, readEncodedBody, type BodyLimits } from './answerBody.js';
import { PUBLIC } from './addressRange.js';
import type { Access } from './auth/auth.js';
import { type Credentials, prepareCredentials, withParameters } from './auth/credentials.js';
import { type ReadSecret, SecretFailure } from './auth/secret.js';
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
  /** Reads the secrets of feeds. Default: there are none. */
  readSecret?: ReadSecret | undefined;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** A complete response, whatever its HTTP status: error pages too. */
export interface Answer {
  kind: 'answer';
  status: number;
  /**
   * The headers that are read, by lower-case name, with the values that the server sent. Secrets are replaced as in
   * `body`.
   */
  headers: Partial<Record<(typeof READ_HEADERS)[number], string>>;
  /**
   * The body byte for byte as the server sent it, after undoing the content coding. Where the server repeats a secret
   * of the request, its bytes are replaced by `*`.
   */
  body: Buffer;
  /** Whether the request that was answered had the feed's secrets. */
  hadSecrets: boolean;
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
  /** Default: the request has no secrets. */
  access?: Access | undefined;
  /** Replaces both limits of the client on the length of a body, on the wire and after decompression. */
  maxBodyBytes?: number | undefined;
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
  { signal, timeoutMs = options.totalTimeoutMs, access, maxBodyBytes }: RequestOptions,
  closing: AbortSignal,
): Promise<Answer> {
  const shown = shownUrl(url);
  const limit = limitRequest(timeoutMs, [signal, closing]);
  const now = options.now ?? Date.now;
  const startedMs = now();
  const limits: BodyLimits =
    maxBodyBytes === undefined ? options : { maxBodyBytes, maxEncodedBytes: maxBodyBytes };
  let credentials: Credentials | null = null;
  try {
    credentials = await credentialsOf(shown, access, options, limit);
    const isOwn = access !== undefined && isSameHost(access.url, url);
    const sent = { address: url, credentials: isOwn ? credentials : null };
    const { message, hadSecrets } = await openAnswer(means, sent, shown, limit);
    const encoded = await readEncodedBody(shown, message, limits, limit);
    const receivedMs = now();
    const body = await decodeBody(shown, message, encoded, limits);
    return {
      kind: 'answer',
      status: message.statusCode ?? 0,
      headers: readHeaders(message, credentials),
      body: credentials?.hiding.answer(body) ?? body,
      hadSecrets,
      startedMs,
      receivedMs,
      encodedBytes: encoded.length,
    };
  } catch (error) {
    throw error instanceof PollFailure && credentials !== null ? error.hiding(credentials.hiding) : error;
  } finally {
    limit.release();
  }
}

/**
 * Prepare what a request sends so that the feed recognises this client; null for a feed without secrets.
 *
 * @throws PollFailure when a secret can't be used, or can't be read in time
 */
async function credentialsOf(
  shown: string,
  access: Access | undefined,
  { readSecret = noSecrets, now = Date.now }: AnswerClientOptions,
  limit: RequestLimit,
): Promise<Credentials | null> {
  if (access === undefined || access.auths.length === 0) return null;
  // A file on a disk that does not respond must not hold up the poll.
  const ended = new Promise<never>((_, reject) => {
    const end = () => reject(limit.failure(shown) ?? new Error('the request has ended'));
    if (limit.signal.aborted) end();
    limit.signal.addEventListener('abort', end, { once: true });
  });
  ended.catch(() => undefined);
  try {
    return await Promise.race([prepareCredentials(access.auths, readSecret, now()), ended]);
  } catch (error) {
    if (!(error instanceof SecretFailure)) throw error;
    throw new PollFailure(error.reason, `${shown}: ${error.message}`);
  }
}

const noSecrets: ReadSecret = () =>
  Promise.reject(new SecretFailure('secret_missing', 'this process has no secrets'));

/** An address to request, with the secrets that its host may get. */
interface Sent {
  address: string;
  credentials: Credentials | null;
}

/**
 * Request the feed's address, and follow redirects to public addresses. A redirect to an internal address is followed
 * only when the feed's own address is in the same address range: a user who configures a feed on loopback wants to
 * reach loopback. Behind a proxy, no redirect to another host is followed. Another host gets no secret, and neither
 * does the feed's own host after it.
 *
 * @param shown the feed's address without secrets
 */
async function openAnswer(
  { http, connections }: Means,
  first: Sent,
  shown: string,
  limit: RequestLimit,
): Promise<{ message: IncomingMessage; hadSecrets: boolean }> {
  const url = first.address;
  const certificateOf = ({ credentials }: Sent) => credentials?.certificate ?? null;
  let message = await get(http, shown, first, connections.direct(certificateOf(first)), limit);
  // Behind a proxy, the remote address is the proxy's and says nothing about the feed.
  const allowedRange = hasProxy(url) ? PUBLIC : connections.rangeOf(message);
  let sent = first;
  for (let redirects = 0; ; redirects++) {
    const location = redirectOf(message);
    if (location === null) return { message, hadSecrets: sent.credentials !== null };
    const status = message.statusCode ?? 0;
    message.destroy();
    if (redirects === MAX_REDIRECTS)
      throw new PollFailure('redirects', `${shown}: more than ${MAX_REDIRECTS} redirects`, { status });
    const address = followRedirect(shown, sent.address, location, status);
    checkProxied(shown, url, address, status);
    sent = redirected(shown, { from: sent, first }, address, status);
    const certificate = certificateOf(sent);
    if (hasProxy(address) && isSameHost(url, address)) {
      message = await get(http, shown, sent, connections.direct(certificate), limit);
      continue;
    }
    checkLiteral(shown, address, allowedRange, connections, status);
    message = await get(http, shown, sent, connections.redirected(allowedRange, certificate), limit);
  }
}

/**
 * Return what a redirect to `address` sends: the secrets only while all addresses are of one host.
 *
 * @throws PollFailure when the address of another host contains a secret, because the server repeats the request's
 */
function redirected(
  shown: string,
  { from, first }: { from: Sent; first: Sent },
  address: string,
  status: number,
): Sent {
  if (isSameHost(first.address, address)) return { address, credentials: from.credentials };
  if (first.credentials?.hiding.isIn(address))
    throw new PollFailure(
      'redirect_refused',
      `${shown} redirects to another host with a secret of the feed in the address. Set the feed's address to that host`,
      { status },
    );
  return { address, credentials: null };
}

/** Request an address, through the proxy that the environment names for it. */
async function get(
  http: AxiosInstance,
  shown: string,
  { address, credentials }: Sent,
  agents: Agents,
  limit: RequestLimit,
): Promise<IncomingMessage> {
  try {
    const options = {
      signal: limit.signal,
      httpAgent: agents.http,
      httpsAgent: agents.https,
      headers: credentials?.headers ?? {},
      ...(hasProxy(address) ? {} : { proxy: false as const }),
    };
    const requested = credentials === null ? address : withParameters(address, credentials);
    return (await http.get<IncomingMessage>(requested, options)).data;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw (
      limit.failure(shown) ?? new PollFailure(reasonOfRequestError(error), `${shown}: ${what}`, {}, error)
    );
  }
}

function readHeaders(message: IncomingMessage, credentials: Credentials | null): Answer['headers'] {
  const headers: Answer['headers'] = {};
  for (const name of READ_HEADERS) {
    const value = message.headers[name];
    if (typeof value === 'string') headers[name] = credentials?.hiding.header(value) ?? value;
  }
  return headers;
}
