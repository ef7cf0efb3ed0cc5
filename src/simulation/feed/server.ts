import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type AccessRule, isAllowed, refuse } from './access.js';
import { Answering } from './answering.js';
import type { FeedContent } from './content.js';
import { FaultQueue, type FaultInput, type FaultOrder } from './faults.js';
import { type PagingInput, pagingSchema } from './pages.js';
import { RequestLog, type LogEntry } from './requestLog.js';

export interface SimulatedFeedOptions {
  /** Sources of the answers. If two contents have the same feed, the later one counts. */
  contents: readonly FeedContent[];
  /** Default: a free port. */
  port?: number | undefined;
  /** File for the log as JSON lines. The log is in memory too. */
  logFile?: string | undefined;
  /** What requests must have, such as a token. Default: nothing. */
  access?: AccessRule | undefined;
  /** Key and certificate of the server, and what it asks of clients. Default: HTTP without TLS. */
  tls?: ServerOptions | undefined;
  /** Returns the instant of the answers, in milliseconds since the epoch. Default: this machine's clock. */
  now?: (() => number) | undefined;
  /** The feeds that divide their answers into pages. Default: none. */
  paging?: Record<string, PagingInput> | undefined;
}

export interface SimulatedFeed {
  /** Base address, without a trailing slash: `GET <url>/<feed>`. */
  url: string;
  port: number;
  feeds: readonly string[];
  /** All requests and their responses, in the order of the requests. */
  log: readonly LogEntry[];
  /**
   * Make the next requests fail, see `faults.ts`. Default for `feeds`: all. Default for `times`: until the fault is
   * cleared.
   */
  fail(fault: FaultInput, scope?: { feeds?: string[]; times?: number; offset?: number }): void;
  /** End the faults of one feed, or all faults. */
  clearFaults(feed?: string): void;
  /** Stop the server and close all connections. The log remains. */
  stop(): Promise<void>;
}

/**
 * Start an HTTP server on the loopback interface that serves ChargeCloud's API (or the API of its recordings). Besides
 * `GET /<feed>` it has `GET /_log`, `GET /_faults`, `DELETE /_faults`, and `POST /_faults` with
 * `{"fault":{"kind":"status","status":500},"feeds":["koeln"],"times":2}`.
 */
export async function startSimulatedFeed(options: SimulatedFeedOptions): Promise<SimulatedFeed> {
  const now = options.now ?? Date.now;
  const faults = new FaultQueue();
  const log = new RequestLog(options.logFile);
  const paging = Object.entries(options.paging ?? {}).map(
    ([feed, own]) => [feed, pagingSchema.parse(own)] as const,
  );
  const answering = new Answering(options.contents, faults, now, new Map(paging));
  const { access = {}, tls } = options;
  const answerRequest = (request: IncomingMessage, response: ServerResponse) => {
    const name = nameOf(request);
    const answered = name.startsWith('_')
      ? control(name, request, response, { faults, log })
      : answerFeed(name, request, response, { answering, access, log, now });
    answered.catch((error: unknown) => fail(response, error));
  };
  const server = tls ? createTlsServer(tls, answerRequest) : createServer(answerRequest);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    feeds: answering.feeds,
    log: log.entries,
    fail: (fault, scope = {}) => faults.add({ fault, ...scope }),
    clearFaults: (feed) => faults.clear(feed),
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await log.close();
    },
  };
}

function nameOf(request: IncomingMessage): string {
  return decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname.slice(1));
}

async function answerFeed(
  feed: string,
  request: IncomingMessage,
  response: ServerResponse,
  {
    answering,
    access,
    log,
    now,
  }: { answering: Answering; access: AccessRule; log: RequestLog; now: () => number },
): Promise<void> {
  const entry = log.open(feed, now(), request.headers['user-agent'] ?? '');
  response.once('finish', () => (entry.finished = true));
  response.once('close', () => log.seal(entry));
  if (!isAllowed(request, access)) {
    entry.status = 401;
    refuse(response);
    return;
  }
  await answering.answer(request, response, entry);
}

async function control(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  { faults, log }: { faults: FaultQueue; log: RequestLog },
): Promise<void> {
  switch (`${request.method ?? ''} ${name}`) {
    case 'GET _log':
      reply(response, 200, log.entries);
      break;
    case 'DELETE _faults':
      faults.clear();
      reply(response, 200, []);
      break;
    case 'GET _faults':
      reply(response, 200, faults.list());
      break;
    case 'POST _faults':
      try {
        faults.add(JSON.parse(await text(request)) as FaultOrder);
        reply(response, 200, faults.list());
      } catch (error) {
        const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
        reply(response, 400, { message: `not a fault: ${message}` });
      }
      break;
    default:
      reply(response, 404, { message: 'there are GET /_log, and GET, POST and DELETE /_faults' });
  }
}

function reply(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
}

/** Respond with 500. A recording that can't be read is a failure of the simulation, not a simulated fault. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else reply(response, 500, { message: `the simulated feed failed: ${String(error)}` });
}
