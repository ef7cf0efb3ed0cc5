import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fresh from 'fresh';
import { LRUCache } from 'lru-cache';
import type { State } from '../../warehouse/queries/state.js';

/** Largest size of all cached bodies, in bytes as they are in the cache (compressed when large). */
const MAX_BYTES = 64e6;
/** Estimated size of a cached response besides its body, in bytes: its headers and address. */
const OTHER_BYTES = 1_000;
/**
 * Time in milliseconds for which a response with current data is cached. Whether a status is recent enough depends on
 * the clock, and a response may be behind the clock by this time.
 */
const NOW_HOLDS_MS = 60_000;
/** Smallest body in characters that is compressed. */
const MIN_GZIP_BYTES = 1_000;
/** Compression level. Responses are so repetitive that a higher level saves little, and takes twice the time. */
const GZIP_LEVEL = 3;
/** Headers that are stored in a cached response. */
const CACHED_HEADERS = ['content-type', 'link', 'x-total-count', 'x-limit'] as const;

/** Data that a response is made from: the loaded days (`days`), or current data as well (`now`). */
export type MadeOf = 'days' | 'now';

interface CachedResponse {
  version: string;
  headers: Record<string, string>;
  etag: string;
  body: Buffer;
  isGzipped: boolean;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

declare module 'fastify' {
  interface FastifyRequest {
    /** How to cache the response; null when it is not cached. */
    cachedAs: { key: string; version: string; ttl: number } | null;
  }
  interface FastifyContextConfig {
    /** Set when the response depends only on its address and on this data, so that it can be cached. */
    cachedBy?: MadeOf;
  }
}

/**
 * Cache the responses of routes with `cachedBy`, compressed once, until the data they are made from changes. A client
 * that already has the response receives 304.
 *
 * Fastify's plugins do not save this work: `@fastify/etag` computes a hash after the route has run, `@fastify/caching`
 * stores ETags without responses, and `@fastify/compress` compresses each response again.
 */
export function cacheResponses(app: FastifyInstance, state: () => Promise<State>): void {
  const responses = new LRUCache<string, CachedResponse>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ body }) => body.length + OTHER_BYTES,
  });
  app.decorateRequest('cachedAs', null);
  app.addHook('preValidation', async (request, reply) => {
    const { cachedBy } = request.routeOptions.config;
    if (cachedBy === undefined || request.method !== 'GET') return;
    const { versions } = await state();
    const cached = responses.get(request.url);
    if (cached?.version === versions[cachedBy]) return send(request, reply, cached);
    request.cachedAs = {
      key: request.url,
      version: versions[cachedBy],
      ttl: cachedBy === 'now' ? NOW_HOLDS_MS : 0,
    };
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const { cachedAs } = request;
    if (cachedAs === null || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    const headers = Object.fromEntries(
      CACHED_HEADERS.flatMap((name) =>
        reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [],
      ),
    );
    const etag = `W/"${createHash('sha1').update(payload).digest('base64url')}"`;
    const isGzipped = payload.length >= MIN_GZIP_BYTES;
    const body = isGzipped ? await compress(payload, { level: GZIP_LEVEL }) : Buffer.from(payload);
    const cached: CachedResponse = { version: cachedAs.version, headers, etag, body, isGzipped };
    responses.set(cachedAs.key, cached, { ttl: cachedAs.ttl });
    return encode(request, reply, cached);
  });
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  cached: CachedResponse,
): Promise<FastifyReply> {
  void reply.headers(cached.headers);
  const body = await encode(request, reply, cached);
  return body === null ? reply.send() : reply.send(body);
}

async function encode(
  request: FastifyRequest,
  reply: FastifyReply,
  cached: CachedResponse,
): Promise<Buffer | null> {
  // Clients must revalidate before every use, so that they do not show outdated availability.
  void reply.headers({ etag: cached.etag, 'cache-control': 'public, no-cache' });
  const varies = reply.getHeader('vary'); // it is Origin when pages of some origins may read responses
  void reply.header('vary', varies === undefined ? 'accept-encoding' : `${String(varies)}, accept-encoding`);
  if (fresh(request.headers, { etag: cached.etag })) {
    void reply.status(304);
    return null;
  }
  if (!cached.isGzipped) return cached.body;
  if (negotiate(request.headers['accept-encoding'] ?? '', ['gzip']) !== 'gzip')
    return decompress(cached.body);
  void reply.header('content-encoding', 'gzip');
  return cached.body;
}
