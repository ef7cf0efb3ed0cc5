import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { READING } from './problem.js';

/** Response headers that pages of other origins may read. */
const EXPOSED_HEADERS = ['etag', 'link', 'x-total-count', 'x-limit'];

/**
 * Allow scripts of pages of these origins to read responses; `*` allows every page. Without origins, browsers refuse
 * responses to pages of other origins. Then only its own pages can read an API on this machine or in a private network.
 */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length > 0)
    await app.register(cors, {
      origin: [...origins],
      methods: ['GET', 'HEAD'],
      exposedHeaders: EXPOSED_HEADERS,
    });
  else
    app.options('*', { schema: { hide: true } }, (_, reply) =>
      reply.status(204).header('allow', READING.join(', ')).send(),
    );
}
