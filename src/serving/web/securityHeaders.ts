import type { FastifyInstance } from 'fastify';
import { contentPolicy } from '../ui/document.js';

/** What holds for every response: nobody may show it in a frame. Browsers take this from a header alone. */
const FRAMED_BY_NOBODY = "frame-ancestors 'none'";

/** Content-Security-Policy of responses that are no page: a browser that opens one runs, loads and shows nothing of it. */
const DATA_POLICY = `default-src 'none'; base-uri 'none'; form-action 'none'; ${FRAMED_BY_NOBODY}`;

/** Content-Security-Policy of the dashboard and its pictures: no script at all. */
export const PAGE_POLICY = `${contentPolicy({ hasImages: true })}; ${FRAMED_BY_NOBODY}`;

/** Content-Security-Policy of Swagger UI: scripts from its own files alone, and requests to this API alone. */
export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  FRAMED_BY_NOBODY,
].join('; ');

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Content-Security-Policy of a route's responses. Default: that of data. */
    contentPolicy?: string;
  }
}

/** Headers of a response that is no page, also of one that no route gives. */
export const DATA_HEADERS = {
  'content-security-policy': DATA_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Gives every response the headers that tell browsers what it may not do. */
export function sendSecurityHeaders(app: FastifyInstance): void {
  // Before everything else, so that refusals and responses from the cache have them as well.
  app.addHook('onRequest', (request, reply, done) => {
    const policy = request.routeOptions.config.contentPolicy ?? DATA_POLICY;
    void reply.headers({ ...DATA_HEADERS, 'content-security-policy': policy });
    done();
  });
}
