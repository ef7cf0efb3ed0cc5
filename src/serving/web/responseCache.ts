import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fresh from 'fresh';
import { LRUCache } from 'lru-cache';
import type { State } from '../../warehouse/queries/state.js';

/** Bytes of all cached bodies, compressed as they are in the cache. */
const MAX_BYTES = 64e6;
/** Bytes that a cached response takes beside its body: its headers and address. */
const OTHER_BYTES = 1_000;
/** Whether something was seen lately enough to hold now changes by the clock, and may be behind it by so much. */
const NOW_HOLDS_MS = 60_000;
/** Less is not worth compressing. */
const MIN_GZIP_BYTES = 1_000;
/** Responses repeat themselves so much that more effort saves little, and takes twice the time. */
const GZIP_LEVEL = 3;
/** Headers that are part of a cached response. */
const CACHED_HEADERS = ['content-type', 'link', 'x-total-count', 'x-limit'] as const;

/** What a response is made of, beside its address: the days that are loaded, or what is now as well. */
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
    /** What the response is made of; null where it is not cached. */
    cachedAs: { key: string; version: string; ttl: number } | null;
  }
  interface FastifyContextConfig {
    /** The response depends on the address and on this alone, so that it can be cached. */
    cachedBy?: MadeOf;
  }
}

/**
 * Caches the responses of routes with `cachedBy`, compressed once, until what they are made of changes. A client that has the
 * response already gets 304.
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
  // Asked again at every use: who shows what is free should not show what was free.
  void reply.headers({ etag: cached.etag, 'cache-control': 'public, no-cache' });
  const varies = reply.getHeader('vary'); // by Origin, where pages of some origins may read responses
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
