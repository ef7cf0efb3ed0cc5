import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

/** Schema of a problem as RFC 9457 defines it. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ parameter: z.string(), detail: z.string() })).optional(),
});

/** Error that the client can resolve, as the detail says. */
export class Problem extends Error {
  constructor(
    readonly statusCode: number,
    detail: string,
  ) {
    super(detail);
  }
}

/** SQLSTATE of a statement that Postgres cancelled (class 57, operator intervention). */
const QUERY_CANCELED = '57014';

/** HTTP methods of the API. */
export const READING = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Send errors as problems (RFC 9457). A fault of this program is logged, and its details are not sent to the client.
 */
export function tellProblems(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (READING.includes(request.method)) return;
    void reply.header('allow', READING.join(', '));
    throw new Problem(405, 'This API is for reading: GET and HEAD.');
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, 404, `There is no ${request.url.split('?')[0]}: /docs lists what there is.`),
  );
  app.setErrorHandler((error: FastifyError & { code?: string }, request, reply) => {
    if (hasZodFastifySchemaValidationErrors(error)) {
      const errors = error.validation.map(({ instancePath, message }) => ({
        parameter: instancePath.split('/').filter(Boolean).join('.') || 'query',
        detail: message ?? 'not allowed',
      }));
      const detail = errors.map(({ parameter, detail: text }) => `${parameter}: ${text}`).join('; ');
      return send(reply, 400, detail, errors);
    }
    if (error.statusCode !== undefined && error.statusCode < 500)
      return send(reply, error.statusCode, error.message);
    if (error.code === QUERY_CANCELED)
      return send(reply, 503, 'This took too long: request fewer days or a smaller area.');
    request.log.error(error);
    if (isWarehouseDown(error))
      return send(reply.header('retry-after', '30'), 503, 'The warehouse does not answer: try again soon.');
    return send(reply, 500, 'Internal error; details are in the log of the API.');
  });
}

function send(reply: FastifyReply, status: number, detail: string, errors?: object[]): FastifyReply {
  return reply
    .status(status)
    .type('application/problem+json')
    .serializer((payload: object) => JSON.stringify(payload))
    .send(problemOf(status, detail, errors));
}

/** Return a problem in the form in which it is sent. */
export function problemOf(status: number, detail: string, errors?: object[]) {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(errors && { errors }),
  };
}

/** Respond to a request whose address can't be parsed. No route and no hook is called for such a request. */
export function refuseAddress(error: FastifyError, reply: FastifyReply): void {
  void send(reply, error.statusCode ?? 400, `The address can't be read: ${error.message}.`);
}

/**
 * Return whether the error is a connection that was refused, broken or not available, or says that Postgres is starting
 * or stopping (class 57).
 */
function isWarehouseDown({ code, message }: { code?: string; message: string }): boolean {
  return (
    /^(ECONN|EPIPE|ENOTFOUND|EAI_|ETIMEDOUT|57P|08|53)/.test(code ?? '') ||
    /connection|timeout/i.test(message)
  );
}
