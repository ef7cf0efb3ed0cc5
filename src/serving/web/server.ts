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

/** Milliseconds for which the state of the warehouse is cached. */
const STATE_HOLDS_MS = 1_000;
/** Length of the longest key of a charging point, percent-encoded. */
const MAX_PARAMETER_LENGTH = 600;
/**
 * Time limits in milliseconds for receiving the headers of a request, and for the whole request. They end connections
 * of clients that send byte by byte.
 */
const HEADERS_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 20_000;
/** Interval in milliseconds at which these limits are checked. */
const LOOK_EVERY_MS = 2_000;
/**
 * Milliseconds after which a connection without traffic is ended, such as that of a client that stopped reading. Longer
 * than any SQL statement may take.
 */
const SILENT_MS = 60_000;

/** Options of {@link createServer}. */
export interface ServerOptions {
  queries: Queries;
  timeZone: string;
  /** Requests that one client address may send in a minute. */
  requestsPerMinute: number;
  /** Number of proxies before the API that add the client's address to X-Forwarded-For. */
  proxies: number;
  /** Address or name on which the API will listen, and further names by which clients may address it. */
  host: string;
  names: readonly string[];
  /** Origins whose pages may read responses; `*` is every origin. */
  origins: readonly string[];
  /** Version of this program. */
  version: string;
  /** Whether the data is simulated, which the dashboard then says. */
  isSimulated: boolean;
  log: FastifyBaseLogger;
}

/**
 * Create the server of the dashboard and the API, not yet listening. Its documentation is at /docs, and at /docs/json
 * for programs.
 */
export async function createServer(options: ServerOptions) {
  const { queries, timeZone, isSimulated, log } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Trust only as many addresses as there are proxies. Addresses further left come from the client, which may forge
    // them.
    trustProxy: (_, hop) => hop < options.proxies,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH, ignoreTrailingSlash: true },
    http: { headersTimeout: HEADERS_WITHIN_MS, connectionsCheckingInterval: LOOK_EVERY_MS },
    requestTimeout: REQUEST_WITHIN_MS,
    connectionTimeout: SILENT_MS,
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, _, reply) => refuseAddress(error, reply.headers(DATA_HEADERS)),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // Responses are sent as the queries return them. Tests compare them with their schemas.
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
      new Problem(429, `More than ${options.requestsPerMinute} requests in a minute: try again in ${after}.`),
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
      // Health checks come from one address, and a refused request would look like a failure.
      config: { rateLimit: false },
      // Also sent when the health check fails.
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
  'The statuses of public charging stations, now and in the past. Days are local days. Instants are in UTC, in ISO 8601. ' +
  'The current status comes from the latest poll. Past statuses, events and utilization reach to the last loaded day.';

/** Cache the promise of `read` for some milliseconds, unless it fails. */
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
