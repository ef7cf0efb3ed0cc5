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
import { persist } from '../local/pauses.js';
import { LOOPBACK, type PortWish, startOnPorts, USUAL_PORTS } from '../local/ports.js';
import { ProcessFailed, type SupervisedProcess } from '../local/supervisedProcess.js';
import { startSupervisor, type Supervisor, type SupervisorOptions } from '../local/supervisor.js';
import { WrongSetting } from '../local/wrongSetting.js';
import { SEARCH_ATTRIBUTE_TYPES } from '../temporal/searchAttributes.js';
import { namesTemporal, openClient } from '../temporal/client.js';
import { QUEUES } from '../temporal/names.js';

/** What a command needs to do its work. */
export interface Needs {
  temporal?: boolean;
  /** Temporal's Web UI; only for what runs long enough to look at. */
  ui?: boolean;
  postgres?: boolean;
  worker?: boolean;
  /** The API; only for what runs long enough to be asked. */
  api?: boolean;
}

export interface InstallationOptions {
  config: Config;
  env: NodeJS.ProcessEnv;
  needs: Needs;
  mode: OwnerMode;
  signal: AbortSignal;
  hurry: AbortSignal;
  onProgress: (line: string) => void;
  /** Gets one line about each failure, restart and recovery of a component. Default: `onProgress`. */
  log?: (line: string) => void;
  /** Called when the local Temporal lost its file while it ran and has a new one, which knows no schedule. */
  onTemporalRenewed?: () => void;
  /**
   * Done where this process runs the worker: once the components are there, before the worker works on them. What it sets in
   * the installation's `env`, the worker gets.
   */
  prepare?: (installation: Installation) => Promise<void>;
}

/**
 * The running components of an installation: those that the settings name, those that `ladepuls start` runs
 * on the same home, or local ones that this process started and stops again.
 */
export interface Installation {
  /** The environment with the components' addresses in it: a worker needs nothing else. */
  env: NodeJS.ProcessEnv;
  /** Connection string of the warehouse's owner; absent where no warehouse was needed. */
  databaseUrl: string | undefined;
  addresses: Addresses;
  /** What this process started; null where others run everything. */
  supervisor: Supervisor | null;
  /** The worker that this process started; another one after a restart. */
  readonly workerPid: number | undefined;
  /** Opens a client of Temporal; closed with the installation. */
  client(): Promise<Client>;
  close(): Promise<void>;
}

/** Opens an installation. Throws HomeInUse where a service is wanted and one runs on the home already. */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { config, env, needs, mode, signal, log = options.onProgress } = options;
  const local = {
    temporal: Boolean(needs.temporal) && !namesTemporal(env),
    postgres: Boolean(needs.postgres) && config.warehouse.url === undefined,
  };
  // A worker of our own only where Temporal is our own: elsewhere, workers run where they are deployed.
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
        ? persist('The cache', findCache, { signal, tell: log, isFinal: isWrongSetting })
        : findCache()),
      env,
      onProgress: options.onProgress,
      log,
      signal: options.signal,
      hurry: options.hurry,
    });
    const installation = new OpenInstallation(options, supervisor.addresses, supervisor);
    /** A service goes on trying; whoever waits for a command learns that it failed. */
    const settle = (what: string, component: string, work: () => Promise<void>, isFinal = isWrongSetting) => {
      const tell = (line: string) => {
        supervisor.noteUnready(component, line);
        log(line);
      };
      return mode === 'service' ? persist(what, work, { signal, tell, isFinal }) : work();
    };
    try {
      if (worker) {
        await settle('Preparing the start', 'worker', async () => options.prepare?.(installation));
        await settle('The worker', 'worker', () => spawnWorker(supervisor, installation, options));
      }
      // Without an address of the warehouse there is nothing to answer.
      if (needs.api && installation.databaseUrl !== undefined) {
        // Nothing but its readers needs the API: what keeps it from starting ends nothing else.
        const api = settle(
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

/** How long a service's start waits for the API, and for a warehouse that loads can work on. */
const API_PATIENCE_MS = 60_000;
const WAREHOUSE_PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Another attempt does not mend a setting. */
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
    // At a signal the supervisor stops at once, before anyone closes this.
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
      this.opened = undefined; // the next one who asks tries again
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
 * Keeps glibc from holding on to what answers took once: two arenas for all threads, and large buffers that go back to the
 * system when they are free. Saves 150 MB, and costs no time that can be measured. See mallopt(3).
 */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576' };

/**
 * Starts the worker as a process of its own and waits until its queues are served: all of them for a command, which has work
 * for them; the polls' queue for a service, which polls without a warehouse as well.
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
    // It goes with this installation, whose all it does: another's version would leave its runs to nobody.
    const own = {
      LADEPULS_QUEUES: hasWarehouse ? undefined : 'acquire',
      LADEPULS_BUILD_ID: undefined,
      LADEPULS_HEALTH_PORT: String(health),
    };
    const live = `${localUrl(config.worker.healthHost, health)}/live`;
    installation.worker = await supervisor.spawn({
      name: 'worker',
      ...workerCommand({ ...installation.env, ...own }),
      // Pollers of an earlier run are still listed, and another installation's worker may listen on the port.
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

/** Waits until loads are served as well, but not for ever: without a warehouse they are not. */
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

/** Addresses of every interface. */
const ANY_HOST: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Starts the API as a process of its own, so that no load keeps it waiting. */
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
        env: { ...definedOnly(installation.env), LADEPULS_API_PORT: String(port) },
        isReady: ({ pid }, signal) => serves(pid, url, signal),
        isAlive: ({ pid }, signal) => serves(pid, url, signal),
      },
      { apiUrl: url },
    );
  };
  await startOnPorts(wishes, start, (error) => error instanceof ProcessFailed);
}

/** Where this machine reaches a server that listens at an address of its own, or at all. */
function localUrl(listensAt: string, port: number): string {
  const host = ANY_HOST.has(listensAt) ? LOOPBACK : listensAt;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Whether an API answers at all. That the warehouse is down, which it may say, is not its fault. */
async function serves(pid: number, url: string, signal: AbortSignal): Promise<boolean> {
  await askProcess(pid, `${url}/health`, signal);
  return true;
}

/**
 * Asks a process for its health. Its port was free before it was started, but two installations that start at once
 * may have chosen the same one.
 */
async function askProcess(pid: number, url: string, signal: AbortSignal): Promise<Response> {
  // A kept-alive connection could still lead to a server that has stopped listening on the port.
  const response = await fetch(url, { signal, headers: { connection: 'close' } });
  await response.body?.cancel();
  const answering = response.headers.get(PROCESS_HEADER);
  if (answering !== String(pid))
    throw new Error(
      `${new URL(url).host} is answered by another process (${answering ?? 'not of Ladepuls'})`,
    );
  return response;
}

/** How a worker is run in a process of its own. */
export function workerCommand(env: NodeJS.ProcessEnv): {
  command: string;
  args: string[];
  env: Record<string, string>;
} {
  return {
    command: execPath,
    // A third of V8's default for young objects: dear in the threads already, and the main thread needs no more.
    args: ['--enable-source-maps', '--max-semi-space-size=8', compiledFile('worker.js')],
    env: { ...MALLOC, ...definedOnly(env) },
  };
}

/** A poller of an earlier run stays listed for minutes: one that was here in the last seconds is alive. */
const READY_POLLED_WITHIN_MS = 3_000;
/** A waiting worker asks again every minute. */
const ALIVE_POLLED_WITHIN_MS = 150_000;

/** Whether a worker asks its queues for work. Where Temporal does not answer, that is no fault of the worker. */
function polls(client: Client, queues: readonly string[], pid: number): Promise<boolean> {
  return servesQueues(client, { queues, pid, polledWithinMs: ALIVE_POLLED_WITHIN_MS }).catch(() => true);
}

/** Whether that process asks each of the queues for work, by the name that the SDK gives a worker: `<pid>@<host>`. */
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
