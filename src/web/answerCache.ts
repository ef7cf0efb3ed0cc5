import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fresh from 'fresh';
import { LRUCache } from 'lru-cache';
import type { State } from '../warehouse/answers.js';

/** Bytes of bodies that are kept. */
const MAX_BYTES = 64e6;
/** What people decide (schema config) holds after this long at the latest. */
const KEPT_MS = 60_000;
/** Less is not worth compressing. */
const MIN_GZIP_BYTES = 1_000;
/** Headers that are part of an answer. */
const KEPT_HEADERS = ['content-type', 'link', 'x-total-count', 'x-limit'] as const;

interface Kept {
  version: string;
  headers: Record<string, string>;
  etag: string;
  body: Buffer;
  gzipped: Promise<Buffer> | null;
}

const compress = promisify(gzip);

declare module 'fastify' {
  interface FastifyRequest {
    /** The state that the answer is made of; null where it is not kept. */
    keptAs: { key: string; version: string } | null;
  }
  interface FastifyContextConfig {
    /** The answer depends on the warehouse's state and the address alone. */
    isKept?: boolean;
  }
}

/**
 * Keeps the answers of routes with `isKept` until the warehouse's state changes, compresses each once, and answers
 * 304 to whom has it already.
 */
export function keepAnswers(app: FastifyInstance, state: () => Promise<State>): void {
  const answers = new LRUCache<string, Kept>({
    maxSize: MAX_BYTES,
    ttl: KEPT_MS,
    sizeCalculation: ({ body }) => 2 * body.length + 500,
  });
  app.decorateRequest('keptAs', null);
  app.addHook('preValidation', async (request, reply) => {
    if (request.routeOptions.config.isKept !== true || request.method !== 'GET') return;
    const { version } = await state();
    const kept = answers.get(request.url);
    if (kept?.version === version) return answer(request, reply, kept);
    request.keptAs = { key: request.url, version };
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const { keptAs } = request;
    if (keptAs === null || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    const body = Buffer.from(payload);
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
    );
    const etag = `W/"${createHash('sha1').update(payload).digest('base64url')}"`;
    const kept: Kept = { version: keptAs.version, headers, etag, body, gzipped: null };
    answers.set(keptAs.key, kept);
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
  void reply.headers({ etag: kept.etag, vary: 'accept-encoding', 'cache-control': 'public, no-cache' });
  if (fresh(request.headers, { etag: kept.etag })) {
    void reply.status(304);
    return null;
  }
  const isLarge = kept.body.length >= MIN_GZIP_BYTES;
  if (!isLarge || negotiate(request.headers['accept-encoding'] ?? '', ['gzip']) !== 'gzip') return kept.body;
  void reply.header('content-encoding', 'gzip');
  return (kept.gzipped ??= compress(kept.body));
}
