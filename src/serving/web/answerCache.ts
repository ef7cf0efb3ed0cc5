import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fresh from 'fresh';
import { LRUCache } from 'lru-cache';
import type { State } from '../../warehouse/queries/state.js';

/** Bytes of bodies that are kept, as they are kept. */
const MAX_BYTES = 64e6;
/** What else is kept of an answer: its headers, its address. */
const OTHER_BYTES = 1_000;
/** Whether something was seen lately enough to hold now changes by the clock, and may be behind it by so much. */
const NOW_HOLDS_MS = 60_000;
/** Less is not worth compressing. */
const MIN_GZIP_BYTES = 1_000;
/** Answers repeat themselves so much that more effort saves little, and takes twice the time. */
const GZIP_LEVEL = 3;
/** Headers that are part of an answer. */
const KEPT_HEADERS = ['content-type', 'link', 'x-total-count', 'x-limit'] as const;

/** What an answer is made of, beside its address: the days that are loaded, or what is now as well. */
export type MadeOf = 'days' | 'now';

interface Kept {
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
    /** What the answer is made of; null where it is not kept. */
    keptAs: { key: string; version: string; ttl: number } | null;
  }
  interface FastifyContextConfig {
    /** The answer depends on the address and on this alone. */
    isKept?: MadeOf;
  }
}

/**
 * Keeps the answers of routes with `isKept` until what they are made of changes, each compressed once, and answers 304 to
 * whom has it already.
 *
 * Fastify's own plugins do not spare the work: `@fastify/etag` hashes a response after the route has made it,
 * `@fastify/caching` stores ETags without responses, and `@fastify/compress` compresses for every request.
 */
export function keepAnswers(app: FastifyInstance, state: () => Promise<State>): void {
  const answers = new LRUCache<string, Kept>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ body }) => body.length + OTHER_BYTES,
  });
  app.decorateRequest('keptAs', null);
  app.addHook('preValidation', async (request, reply) => {
    const { isKept } = request.routeOptions.config;
    if (isKept === undefined || request.method !== 'GET') return;
    const { versions } = await state();
    const kept = answers.get(request.url);
    if (kept?.version === versions[isKept]) return answer(request, reply, kept);
    request.keptAs = {
      key: request.url,
      version: versions[isKept],
      ttl: isKept === 'now' ? NOW_HOLDS_MS : 0,
    };
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const { keptAs } = request;
    if (keptAs === null || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
    );
    const etag = `W/"${createHash('sha1').update(payload).digest('base64url')}"`;
    const isGzipped = payload.length >= MIN_GZIP_BYTES;
    const body = isGzipped ? await compress(payload, { level: GZIP_LEVEL }) : Buffer.from(payload);
    const kept: Kept = { version: keptAs.version, headers, etag, body, isGzipped };
    answers.set(keptAs.key, kept, { ttl: keptAs.ttl });
    return encode(request, reply, kept);
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, kept: Kept): Promise<FastifyReply> {
  void reply.headers(kept.headers);
  const body = await encode(request, reply, kept);
  return body === null ? reply.send() : reply.send(body);
}

async function encode(request: FastifyRequest, reply: FastifyReply, kept: Kept): Promise<Buffer | null> {
  // Asked again at every use: who shows what is free should not show what was free.
  void reply.headers({ etag: kept.etag, 'cache-control': 'public, no-cache' });
  const varies = reply.getHeader('vary'); // by Origin, where pages of some origins may read answers
  void reply.header('vary', varies === undefined ? 'accept-encoding' : `${String(varies)}, accept-encoding`);
  if (fresh(request.headers, { etag: kept.etag })) {
    void reply.status(304);
    return null;
  }
  if (!kept.isGzipped) return kept.body;
  if (negotiate(request.headers['accept-encoding'] ?? '', ['gzip']) !== 'gzip') return decompress(kept.body);
  void reply.header('content-encoding', 'gzip');
  return kept.body;
}
