import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { READING } from './problem.js';

/** Headers that pages of other origins may read. */
const EXPOSED_HEADERS = ['etag', 'link', 'x-total-count', 'x-limit'];

/**
 * Lets scripts of pages of these origins read responses; `*` is every page. With none, browsers keep responses from other
 * origins' pages: an API on this machine or in a private network is then readable by its own pages alone.
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
