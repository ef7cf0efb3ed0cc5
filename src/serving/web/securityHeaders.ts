import type { FastifyInstance } from 'fastify';
import { contentPolicy } from '../ui/document.js';

/** Policy of every response: no page may show it in a frame. Browsers accept this directive in a header only. */
const FRAMED_BY_NOBODY = "frame-ancestors 'none'";

/**
 * Content-Security-Policy of responses that are no page. A browser that opens one runs, loads and shows nothing from
 * it.
 */
const DATA_POLICY = `default-src 'none'; base-uri 'none'; form-action 'none'; ${FRAMED_BY_NOBODY}`;

/** Content-Security-Policy of the dashboard and its pictures, which have no scripts. */
export const PAGE_POLICY = `${contentPolicy({ hasImages: true })}; ${FRAMED_BY_NOBODY}`;

/** Content-Security-Policy of Swagger UI, which may run only its own scripts and send requests only to this API. */
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
    /** Content-Security-Policy of a route's responses. Default: the policy of data. */
    contentPolicy?: string;
  }
}

/** Security headers of a response that is no page, and of a response that comes from no route. */
export const DATA_HEADERS = {
  'content-security-policy': DATA_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Add headers to every response that restrict what browsers may do with it. */
export function sendSecurityHeaders(app: FastifyInstance): void {
  // The first hook, so that refusals and cached responses have these headers as well.
  app.addHook('onRequest', (request, reply, done) => {
    const policy = request.routeOptions.config.contentPolicy ?? DATA_POLICY;
    void reply.headers({ ...DATA_HEADERS, 'content-security-policy': policy });
    done();
  });
}
