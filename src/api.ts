import { type Config, InvalidSetting, readConfig } from './settings/config.js';
import { isSimulated } from './local/simulatedHome.js';
import { createLog } from './runtime/log.js';
import { VERSION } from './runtime/version.js';
import { openQueries } from './warehouse/open.js';
import { createServer } from './serving/web/server.js';

/** Connections to the warehouse. More statements at the same time would only wait for the warehouse's processors. */
const CONNECTIONS = 8;
/**
 * Limit for one statement. The API limits what a request may ask for; a statement that takes longer meets a warehouse
 * in trouble.
 */
const STATEMENT_TIMEOUT_MS = 10_000;
/** The usual port of an HTTP service behind a proxy. */
const DEFAULT_PORT = 8080;

/** Serve the dashboard and the API until a signal arrives. */
async function run(config: Config): Promise<void> {
  if (config.warehouse.url === undefined)
    throw new InvalidSetting(
      'DATABASE_URL is not set, but the API must know its warehouse: postgres://user:password@host/database.',
    );
  const { general, loading, api } = config;
  const queries = openQueries(config.warehouse.url, {
    connections: CONNECTIONS,
    timeoutMs: STATEMENT_TIMEOUT_MS,
    bridgedSlots: loading.bridgedSlots,
  });
  const server = await createServer({
    queries,
    timeZone: general.timeZone,
    ...api,
    version: VERSION,
    isSimulated: isSimulated(general.home),
    log: createLog(general.logLevel),
  });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  try {
    await server.listen({ host: api.host, port: api.port ?? DEFAULT_PORT });
    await stopped;
  } finally {
    await server.close();
    await queries.close();
  }
}

const log = createLog('info');
try {
  await run(readConfig(process.env));
} catch (error) {
  log.fatal(error instanceof InvalidSetting ? error.message : error);
  process.exit(error instanceof InvalidSetting ? error.exitCode : 1);
}
