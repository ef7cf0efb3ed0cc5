import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { fastify, type FastifyBaseLogger, LogController } from 'fastify';
import { jsonSchemaTransform, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PROCESS_HEADER } from '../../runtime/processHeader.js';
import type { Queries } from '../../warehouse/queries/registry.js';
import type { State } from '../../warehouse/queries/state.js';
import { cacheResponses } from './responseCache.js';
import { allowOrigins } from './crossOrigin.js';
import { checkHost } from './hostCheck.js';
import { Problem, problemSchema, refuseAddress, tellProblems } from './problem.js';
import { chargingPointRoutes } from './routes/chargingPoints.js';
import { dashboardRoutes } from './routes/dashboard.js';
import { eventRoutes } from './routes/events.js';
import { feedRoutes } from './routes/feeds.js';
import { ocpiRoutes } from './routes/ocpi.js';
import { stationRoutes } from './routes/stations.js';
import { utilizationRoutes } from './routes/utilization.js';
import { DATA_HEADERS, DOCS_POLICY, sendSecurityHeaders } from './securityHeaders.js';
import { refuseUnreadable } from './unreadableRequest.js';

/** So long the state of the warehouse is taken to be the same. */
const STATE_HOLDS_MS = 1_000;
/** The longest key of a charging point, percent-encoded. */
const MAX_PARAMETER_LENGTH = 600;
/** Time in which the headers of a request, and all of it, must have arrived: whoever sends byte by byte is cut off. */
const HEADERS_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 20_000;
/** How often that is looked at. */
const LOOK_EVERY_MS = 2_000;
/** A connection on which no byte moves, such as that of a reader who takes nothing more, is ended. Longer than any statement. */
const SILENT_MS = 60_000;

export interface ServerOptions {
  queries: Queries;
  timeZone: string;
  /** Requests that one address may make in a minute. */
  requestsPerMinute: number;
  /** Proxies before the API that name in X-Forwarded-For whom they were asked by. */
  proxies: number;
  /** Address or name that the API will listen at, and further names that it may be asked by. */
  host: string;
  names: readonly string[];
  /** Origins whose pages may read responses; `*` is all. */
  origins: readonly string[];
  /** Of this program. */
  version: string;
  /** None of the data is real: people are told. */
  isSimulated: boolean;
  log: FastifyBaseLogger;
}

/** The dashboard and the API over HTTP, not yet listening. Its documentation is at /docs, and at /docs/json for programs. */
export async function createServer(options: ServerOptions) {
  const { queries, timeZone, isSimulated, log } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Only as many addresses as there are proxies: those further left are what the asker wrote.
    trustProxy: (_, hop) => hop < options.proxies,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH, ignoreTrailingSlash: true },
    http: { headersTimeout: HEADERS_WITHIN_MS, connectionsCheckingInterval: LOOK_EVERY_MS },
    requestTimeout: REQUEST_WITHIN_MS,
    connectionTimeout: SILENT_MS,
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, _, reply) => refuseAddress(error, reply.headers(DATA_HEADERS)),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // Responses are what statements make of them; tests hold them against their schemas.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  sendSecurityHeaders(app);
  checkHost(app, options);
  tellProblems(app);
  const state = holding(async () => (await queries.state())[0] as State, STATE_HOLDS_MS);
  cacheResponses(app, state);
  await allowOrigins(app, options.origins);
  await app.register(rateLimit, {
    max: options.requestsPerMinute,
    timeWindow: '1 minute',
    enableDraftSpec: true,
    errorResponseBuilder: (_, { after }) =>
      new Problem(429, `More than ${options.requestsPerMinute} requests in a minute: go on in ${after}.`),
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Ladepuls', version: options.version, description: DESCRIPTION },
      components: { schemas: {} },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_POLICY });
  app.addHook('onRoute', (route) => {
    if (!route.schema || route.schema.hide) return;
    route.schema.response = { ...(route.schema.response as object), default: PROBLEM };
  });
  const web = { app, queries, state, timeZone, isSimulated };
  for (const routes of [
    dashboardRoutes,
    stationRoutes,
    chargingPointRoutes,
    eventRoutes,
    utilizationRoutes,
    feedRoutes,
    ocpiRoutes,
  ])
    routes(web);
  app.get(
    '/health',
    {
      // Monitors and Kubernetes ask through one address, and must not be told that all is ill.
      config: { rateLimit: false },
      // Also where it fails then.
      onRequest: (_, reply, done) => {
        void reply.header(PROCESS_HEADER, process.pid);
        done();
      },
      schema: {
        tags: ['health'],
        summary: 'Whether the warehouse answers',
        response: { 200: z.object({ status: z.literal('ok'), loaded: z.iso.date().nullable() }) },
      },
    },
    async () => ({ status: 'ok' as const, loaded: (await state()).loaded }),
  );
  return app;
}

const PROBLEM = {
  description: 'What went wrong, and what to do (RFC 9457).',
  content: { 'application/problem+json': { schema: problemSchema } },
};

const DESCRIPTION =
  'The memory of public charging stations: what is free now, and what was. Days are local days; instants are ISO 8601 in UTC. ' +
  'What is now comes from the latest poll; histories, events and utilization reach to the last day that is loaded.';

/** The same promise for all who ask within a time, unless it failed. */
function holding(read: () => Promise<State>, holdsMs: number): () => Promise<State> {
  let held: Promise<State> | null = null;
  let until = 0;
  return () => {
    if (held !== null && Date.now() < until) return held;
    until = Date.now() + holdsMs;
    held = read();
    held.catch(() => (held = null));
    return held;
  };
}
