import { isIPv6 } from 'node:net';
import { execPath } from 'node:process';
import type { Client } from '@temporalio/client';
import { compiledFile } from './compiled.js';
import type { Config } from './config.js';
import { cacheFolder } from './embedded/cache.js';
import { type Addresses, HomeInUse, type OwnerMode, readOwner } from './embedded/homeLock.js';
import { definedOnly } from './embedded/guardedCommand.js';
import { LOOPBACK, type PortWish, startOnPorts } from './embedded/ports.js';
import { ProcessFailed, type SupervisedProcess } from './embedded/supervisedProcess.js';
import { startSupervisor, type Supervisor, type SupervisorOptions } from './embedded/supervisor.js';
import { SEARCH_ATTRIBUTE_TYPES } from './searchAttributes.js';
import { namesTemporal, openClient } from './temporal.js';
import { QUEUES } from './workflows/names.js';

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
  /**
   * Done where this process runs the worker: once the parts are there, before the worker works on them. What it sets in
   * the installation's `env`, the worker gets.
   */
  prepare?: (installation: Installation) => Promise<void>;
}

/**
 * The running parts of an installation: those that the settings name, those that `ladepuls start` runs
 * on the same home, or embedded ones that this process started and stops again.
 */
export interface Installation {
  /** The environment with the parts' addresses in it: a worker needs nothing else. */
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
  const { config, env, needs, mode } = options;
  const embedded = {
    temporal: Boolean(needs.temporal) && !namesTemporal(env),
    postgres: Boolean(needs.postgres) && config.databaseUrl === undefined,
  };
  // A worker of our own only where Temporal is our own: elsewhere, workers run where they are deployed.
  const worker = Boolean(needs.worker) && (embedded.temporal || mode === 'service');
  if (mode === 'command') {
    if (!embedded.temporal && !embedded.postgres) return new Parts(options, {}, null);
    const owner = readOwner(config.home);
    if (owner?.mode === 'service' && owner.addresses) return new Parts(options, owner.addresses, null);
  }
  try {
    const supervisor = await startSupervisor({
      home: config.home,
      mode,
      parts: partsOf(options, embedded),
      cacheDir: cacheFolder(config.cache, env),
      env,
      onProgress: options.onProgress,
      log: options.onProgress,
      signal: options.signal,
      hurry: options.hurry,
    });
    const parts = new Parts(options, supervisor.addresses, supervisor);
    try {
      if (worker) {
        await options.prepare?.(parts);
        await spawnWorker(supervisor, parts);
      }
      if (needs.api) await spawnApi(supervisor, parts, config);
    } catch (error) {
      await parts.close();
      throw error;
    }
    return parts;
  } catch (error) {
    if (mode === 'command' && error instanceof HomeInUse)
      return new Parts(options, error.owner.addresses, null);
    throw error;
  }
}

/** Ports that the stock tools try by themselves, taken where they are free. */
const USUAL_PORTS = { temporal: 7233, ui: 8233, postgres: 5432, api: 8080 };

function partsOf({ config, needs }: InstallationOptions, embedded: { temporal: boolean; postgres: boolean }) {
  const { ports } = config;
  const wish = (port: number | undefined, setting: string, preferred: number): PortWish => ({
    port,
    setting,
    preferred,
  });
  const parts: SupervisorOptions['parts'] = {};
  if (embedded.temporal) {
    parts.temporal = {
      port: wish(ports.temporal, 'LADEPULS_TEMPORAL_PORT', USUAL_PORTS.temporal),
      ...(needs.ui && { uiPort: wish(ports.ui, 'LADEPULS_UI_PORT', USUAL_PORTS.ui) }),
      searchAttributes: SEARCH_ATTRIBUTE_TYPES,
    };
  }
  if (embedded.postgres) {
    parts.postgres = { port: wish(ports.postgres, 'LADEPULS_POSTGRES_PORT', USUAL_PORTS.postgres) };
  }
  return parts;
}

class Parts implements Installation {
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
    this.databaseUrl = config.databaseUrl ?? addresses.postgresUrl;
    this.env = {
      ...env,
      LADEPULS_HOME: config.home,
      ...(addresses.temporalAddress &&
        !namesTemporal(env) && { TEMPORAL_ADDRESS: addresses.temporalAddress }),
      ...(this.databaseUrl && { DATABASE_URL: this.databaseUrl }),
    };
  }

  get workerPid(): number | undefined {
    return this.worker?.pid;
  }

  client(): Promise<Client> {
    return (this.opened ??= openClient(this.env, this.closing));
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

/** Starts the worker as a process of its own and waits until both its queues are served. */
async function spawnWorker(supervisor: Supervisor, parts: Parts): Promise<void> {
  const client = await parts.client();
  parts.worker = await supervisor.spawn({
    name: 'worker',
    // It goes with this installation, whose all it does: another's version would leave its runs to nobody.
    ...workerCommand({ ...parts.env, LADEPULS_QUEUES: undefined, LADEPULS_BUILD_ID: undefined }),
    isReady: () => servesQueues(client),
  });
}

/** Addresses of every interface. */
const ANY_HOST: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Starts the API as a process of its own, so that no load keeps it waiting. It is missed by its readers alone, and tried for ever. */
async function spawnApi(supervisor: Supervisor, parts: Parts, { ports, api }: Config): Promise<void> {
  const wishes = { api: { port: ports.api, setting: 'LADEPULS_API_PORT', preferred: USUAL_PORTS.api } };
  const host = ANY_HOST.has(api.host) ? LOOPBACK : api.host;
  const start = async ({ api: port }: { api: number }) => {
    const url = `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    await supervisor.spawn(
      {
        name: 'api',
        command: execPath,
        args: ['--enable-source-maps', compiledFile('api.js')],
        env: { ...definedOnly(parts.env), LADEPULS_API_PORT: String(port) },
        isReady: async (signal) => (await fetch(`${url}/health`, { signal })).ok,
        maxRestarts: Infinity,
      },
      { apiUrl: url },
    );
  };
  await startOnPorts(wishes, start, (error) => error instanceof ProcessFailed);
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

async function servesQueues(client: Client): Promise<boolean> {
  for (const name of Object.values(QUEUES)) {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name },
    });
    // A poller of an earlier run stays listed for minutes: one that was here in the last seconds is alive.
    const alive = pollers.some(
      ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < 3_000,
    );
    if (!alive) return false;
  }
  return true;
}
