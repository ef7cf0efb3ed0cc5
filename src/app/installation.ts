import { isIPv6 } from 'node:net';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { compiledFile } from '../runtime/paths.js';
import { type Config, InvalidSetting } from '../settings/config.js';
import { PROCESS_HEADER, QUEUES_HEADER } from '../runtime/processHeader.js';
import { cacheFolder } from '../local/cache.js';
import { type Addresses, HomeInUse, type OwnerMode, readOwner } from '../local/homeLock.js';
import { definedOnly } from '../local/guardedCommand.js';
import { retryUntilDone } from '../local/pauses.js';
import { LOOPBACK, type PortWish, startOnPorts, USUAL_PORTS } from '../local/ports.js';
import { ProcessFailed, type SupervisedProcess } from '../local/supervisedProcess.js';
import { startSupervisor, type Supervisor, type SupervisorOptions } from '../local/supervisor.js';
import { WrongSetting } from '../local/wrongSetting.js';
import { SEARCH_ATTRIBUTE_TYPES } from '../temporal/searchAttributes.js';
import { namesTemporal, openClient } from '../temporal/client.js';
import { withoutSecrets } from '../sources/auth/secretName.js';
import { QUEUES } from '../temporal/names.js';

/** The components that a command needs. */
export interface RequiredComponents {
  temporal?: boolean;
  /** Temporal's Web UI. Only for commands that run long enough for people to open the UI. */
  ui?: boolean;
  postgres?: boolean;
  worker?: boolean;
  /** The API. Only for commands that run long enough for clients to send requests. */
  api?: boolean;
}

export interface InstallationOptions {
  config: Config;
  env: NodeJS.ProcessEnv;
  needs: RequiredComponents;
  mode: OwnerMode;
  signal: AbortSignal;
  hurry: AbortSignal;
  onProgress: (line: string) => void;
  /** Receives one line about each failure, restart and recovery of a component. Default: `onProgress`. */
  log?: (line: string) => void;
  /**
   * Called when the local Temporal lost its database file while it ran. Temporal then runs on a new file, which holds
   * no schedules.
   */
  onTemporalRenewed?: () => void;
  /**
   * Called when this process runs the worker: after the components are started, before the worker is. The worker also
   * gets the variables that `prepare` sets in the installation's `env`.
   */
  prepare?: (installation: Installation) => Promise<void>;
}

/**
 * The running components of an installation. The settings name them, or `ladepuls start` runs them on the same home, or
 * this process started them and stops them again.
 */
export interface Installation {
  /** The environment, with the addresses of the components in it. A worker needs no other information. */
  env: NodeJS.ProcessEnv;
  /** Connection string of the warehouse's owner. undefined when no warehouse was needed. */
  databaseUrl: string | undefined;
  addresses: Addresses;
  /** The supervisor of the components that this process started. null when other processes run all components. */
  supervisor: Supervisor | null;
  /** Process id of the worker that this process started. Changes when the worker is restarted. */
  readonly workerPid: number | undefined;
  /** Open a client of Temporal. {@link close} closes the client too. */
  client(): Promise<Client>;
  close(): Promise<void>;
}

/**
 * Open an installation: start the components that are needed, or find those that already run.
 *
 * @throws HomeInUse when `mode` is `service` and another service runs on the home
 */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { config, env, needs, mode, signal, log = options.onProgress } = options;
  const local = {
    temporal: Boolean(needs.temporal) && !namesTemporal(env),
    postgres: Boolean(needs.postgres) && config.warehouse.url === undefined,
  };
  // Start a worker only beside our own Temporal, or for a service. For other Temporal servers, workers are deployed
  // apart.
  const worker = Boolean(needs.worker) && (local.temporal || mode === 'service');
  if (mode === 'command') {
    if (!local.temporal && !local.postgres) return new OpenInstallation(options, {}, null);
    const owner = readOwner(config.general.home);
    if (owner?.mode === 'service' && owner.addresses)
      return new OpenInstallation(options, owner.addresses, null);
  }
  try {
    const findCache = () => Promise.resolve().then(() => cacheFolder(config.local.cache, env));
    const supervisor = await startSupervisor({
      home: config.general.home,
      mode,
      components: componentsOf(options, local),
      children: [...(worker ? ['worker'] : []), ...(needs.api ? ['api'] : [])],
      cacheDir: await (mode === 'service'
        ? retryUntilDone('The cache', findCache, { signal, onMessage: log, isFinal: isWrongSetting })
        : findCache()),
      // Only the worker gets the secrets of feeds.
      env: withoutSecrets(env),
      onProgress: options.onProgress,
      log,
      signal: options.signal,
      hurry: options.hurry,
    });
    const installation = new OpenInstallation(options, supervisor.addresses, supervisor);
    /** Do the work. A service retries until the work succeeds; a command fails with the error. */
    const runStep = (
      what: string,
      component: string,
      work: () => Promise<void>,
      isFinal = isWrongSetting,
    ) => {
      const onMessage = (line: string) => {
        supervisor.noteUnready(component, line);
        log(line);
      };
      return mode === 'service' ? retryUntilDone(what, work, { signal, onMessage, isFinal }) : work();
    };
    try {
      if (worker) {
        await runStep('Preparing the start', 'worker', async () => options.prepare?.(installation));
        await runStep('The worker', 'worker', () => spawnWorker(supervisor, installation, options));
      }
      // Without a warehouse, the API has no data to serve.
      if (needs.api && installation.databaseUrl !== undefined) {
        // No other component depends on the API. Therefore no error is final here, and a failed API start ends nothing
        // else.
        const api = runStep(
          'The API',
          'api',
          () => spawnApi(supervisor, installation, config),
          () => false,
        );
        await Promise.race([api, sleep(API_PATIENCE_MS, undefined, { signal, ref: false })]);
        api.catch(() => undefined);
      }
    } catch (error) {
      await installation.close();
      throw error;
    }
    return installation;
  } catch (error) {
    if (mode === 'command' && error instanceof HomeInUse)
      return new OpenInstallation(options, error.owner.addresses, null);
    throw error;
  }
}

/** How long the start of a service waits for the API, and for the queues that need a warehouse. */
const API_PATIENCE_MS = 60_000;
const WAREHOUSE_PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Whether the cause is a wrong setting, which a retry can't mend. */
function isWrongSetting(error: unknown): boolean {
  return error instanceof InvalidSetting || error instanceof WrongSetting;
}

function componentsOf(
  { config, needs, onTemporalRenewed }: InstallationOptions,
  local: { temporal: boolean; postgres: boolean },
) {
  const { temporalPort, uiPort, postgresPort } = config.local;
  const wish = (port: number | undefined, setting: string, preferred: number): PortWish => ({
    port,
    setting,
    preferred,
  });
  const components: SupervisorOptions['components'] = {};
  if (local.temporal) {
    components.temporal = {
      port: wish(temporalPort, 'LADEPULS_TEMPORAL_PORT', USUAL_PORTS.temporal),
      ...(needs.ui && { uiPort: wish(uiPort, 'LADEPULS_UI_PORT', USUAL_PORTS.ui) }),
      searchAttributes: SEARCH_ATTRIBUTE_TYPES,
      ...(onTemporalRenewed && { onRenewed: onTemporalRenewed }),
    };
  }
  if (local.postgres) {
    components.postgres = { port: wish(postgresPort, 'LADEPULS_POSTGRES_PORT', USUAL_PORTS.postgres) };
  }
  return components;
}

class OpenInstallation implements Installation {
  readonly env: NodeJS.ProcessEnv;
  readonly databaseUrl: string | undefined;
  private readonly ended = new AbortController();
  private readonly closing: AbortSignal;
  private opened: Promise<Client> | undefined;
  worker: SupervisedProcess | undefined;

  constructor(
    { config, env, signal }: InstallationOptions,
    readonly addresses: Addresses,
    readonly supervisor: Supervisor | null,
  ) {
    // At a signal, the supervisor stops immediately, before anybody calls `close`.
    this.closing = AbortSignal.any([signal, this.ended.signal]);
    this.databaseUrl = config.warehouse.url ?? addresses.postgresUrl;
    this.env = {
      ...env,
      LADEPULS_HOME: config.general.home,
      ...(addresses.temporalAddress &&
        !namesTemporal(env) && { TEMPORAL_ADDRESS: addresses.temporalAddress }),
      ...(this.databaseUrl && { DATABASE_URL: this.databaseUrl }),
    };
  }

  get workerPid(): number | undefined {
    return this.worker?.pid;
  }

  client(): Promise<Client> {
    this.opened ??= openClient(this.env, this.closing).catch((error: unknown) => {
      this.opened = undefined; // the next call tries again
      throw error;
    });
    return this.opened;
  }

  async close(): Promise<void> {
    this.ended.abort();
    await (await this.opened?.catch(() => undefined))?.connection.close();
    await this.supervisor?.stop();
  }
}

/**
 * Settings of glibc's malloc that return freed memory to the system: two arenas for all threads, and large buffers that
 * are unmapped when they are freed. Saves 150 MB without a measurable loss of speed. See mallopt(3).
 */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576' };

/**
 * Start the worker as a separate process and wait until it serves its queues. A command waits for all queues, because
 * it has work for all of them. A service waits for the queue of polls only, because it polls without a warehouse as
 * well. If a warehouse is set, a service then waits a limited time for the other queues.
 */
async function spawnWorker(
  supervisor: Supervisor,
  installation: OpenInstallation,
  { config, mode, signal }: InstallationOptions,
): Promise<void> {
  const client = await installation.client();
  const hasWarehouse = installation.databaseUrl !== undefined;
  const queues = mode === 'service' ? [QUEUES.acquire] : Object.values(QUEUES);
  const wishes = { health: { port: config.worker.healthPort, setting: 'LADEPULS_HEALTH_PORT' } };
  const start = async ({ health }: { health: number }) => {
    // No build id, because this worker does all work of the installation. With a build id, workflow runs that are
    // pinned to another one would never be continued.
    const own = {
      LADEPULS_QUEUES: hasWarehouse ? undefined : 'acquire',
      LADEPULS_BUILD_ID: undefined,
      LADEPULS_HEALTH_PORT: String(health),
    };
    const live = `${localUrl(config.worker.healthHost, health)}/live`;
    installation.worker = await supervisor.spawn({
      name: 'worker',
      ...workerCommand({ ...installation.env, ...own }),
      // Both checks are necessary: Temporal still lists pollers of an earlier worker, and a worker of another
      // installation may listen on the port.
      isReady: async ({ pid }, signal) =>
        (await askProcess(pid, live, signal)).ok &&
        servesQueues(client, { queues, pid, polledWithinMs: READY_POLLED_WITHIN_MS }),
      isAlive: async ({ pid }, signal) => {
        const { ok, headers } = await askProcess(pid, live, signal);
        const worksOn = (headers.get(QUEUES_HEADER) ?? '').split(',').filter(Boolean);
        return ok && (await polls(client, worksOn, pid));
      },
    });
  };
  await startOnPorts(wishes, start, (error) => error instanceof ProcessFailed);
  if (mode === 'service' && hasWarehouse) await waitForAllQueues(client, installation, signal);
}

/**
 * Wait until the worker serves all queues, for at most {@link WAREHOUSE_PATIENCE_MS}. Without a reachable warehouse,
 * the queues of loads are not served.
 */
async function waitForAllQueues(
  client: Client,
  installation: OpenInstallation,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + WAREHOUSE_PATIENCE_MS;
  const queues = Object.values(QUEUES);
  const areServed = async () => {
    const pid = installation.workerPid;
    return pid !== undefined && servesQueues(client, { queues, pid, polledWithinMs: READY_POLLED_WITHIN_MS });
  };
  while (!signal.aborted && performance.now() < until && !(await areServed().catch(() => false)))
    await sleep(LOOK_EVERY_MS);
}

/** Hosts that mean "listen on all interfaces". */
const ANY_HOST: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Start the API as a separate process, so that loading does not delay its responses. */
async function spawnApi(
  supervisor: Supervisor,
  installation: OpenInstallation,
  { api }: Config,
): Promise<void> {
  const wishes = { api: { port: api.port, setting: 'LADEPULS_API_PORT', preferred: USUAL_PORTS.api } };
  const start = async ({ api: port }: { api: number }) => {
    const url = localUrl(api.host, port);
    await supervisor.spawn(
      {
        name: 'api',
        command: execPath,
        args: ['--enable-source-maps', compiledFile('api.js')],
        env: { ...definedOnly(withoutSecrets(installation.env)), LADEPULS_API_PORT: String(port) },
        isReady: ({ pid }, signal) => serves(pid, url, signal),
        isAlive: ({ pid }, signal) => serves(pid, url, signal),
      },
      { apiUrl: url },
    );
  };
  await startOnPorts(wishes, start, (error) => error instanceof ProcessFailed);
}

/** The URL at which this machine reaches a server, given the host that the server listens on. */
function localUrl(listensAt: string, port: number): string {
  const host = ANY_HOST.has(listensAt) ? LOOPBACK : listensAt;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/**
 * Whether the API responds to requests. The status code is ignored, because an unreachable warehouse is no fault of the
 * API.
 */
async function serves(pid: number, url: string, signal: AbortSignal): Promise<boolean> {
  await askProcess(pid, `${url}/health`, signal);
  return true;
}

/**
 * Request the health of a process, and check that this very process responds. Its port was free before the process was
 * started, but two installations that start at the same time may have chosen the same port.
 *
 * @throws Error when another process responds
 */
async function askProcess(pid: number, url: string, signal: AbortSignal): Promise<Response> {
  // A kept-alive connection could still lead to a server that does not listen on the port any more.
  const response = await fetch(url, { signal, headers: { connection: 'close' } });
  await response.body?.cancel();
  const answering = response.headers.get(PROCESS_HEADER);
  if (answering !== String(pid))
    throw new Error(
      `another process responds at ${new URL(url).host}: ${answering ?? 'a program other than Ladepuls'}`,
    );
  return response;
}

/** The command that runs a worker as a separate process. */
export function workerCommand(env: NodeJS.ProcessEnv): {
  command: string;
  args: string[];
  env: Record<string, string>;
} {
  return {
    command: execPath,
    // A third of V8's default size for young objects. Every thread of the worker pays for it, and the main thread needs
    // no more.
    args: ['--enable-source-maps', '--max-semi-space-size=8', compiledFile('worker.js')],
    env: { ...MALLOC, ...definedOnly(env) },
  };
}

/**
 * Temporal lists the pollers of an ended worker for some minutes. A poller counts as alive at the start if it polled
 * within this time.
 */
const READY_POLLED_WITHIN_MS = 3_000;
/** An idle worker polls its queue again every minute. */
const ALIVE_POLLED_WITHIN_MS = 150_000;

/** Whether a worker polls its queues. True if Temporal does not respond, because that is no fault of the worker. */
function polls(client: Client, queues: readonly string[], pid: number): Promise<boolean> {
  return servesQueues(client, { queues, pid, polledWithinMs: ALIVE_POLLED_WITHIN_MS }).catch(() => true);
}

/** Whether the process `pid` polls each of the queues. The SDK names a worker `<pid>@<host>`. */
async function servesQueues(
  client: Client,
  { queues, pid, polledWithinMs }: { queues: readonly string[]; pid: number; polledWithinMs: number },
): Promise<boolean> {
  for (const name of queues) {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name },
    });
    const alive = pollers.some(
      ({ identity, lastAccessTime }) =>
        identity?.startsWith(`${pid}@`) &&
        Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < polledWithinMs,
    );
    if (!alive) return false;
  }
  return true;
}
