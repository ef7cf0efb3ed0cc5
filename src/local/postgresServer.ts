import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { definedOnly, guardedRunner } from './guardedCommand.js';
import { oneLine } from '../domain/oneLine.js';
import { persist } from './pauses.js';
import { choosePort, LOOPBACK, startOnPorts, type PortWish } from './ports.js';
import { providePostgres } from './postgresBinaries.js';
import {
  clearStaleLock,
  createCluster,
  POSTGRES_ENV,
  POSTGRES_STOP_STEPS,
  readPostmaster,
  writeSettings,
} from './postgresCluster.js';
import { openLocation, type PostgresLocation } from './postgresLocation.js';
import { postgresUser } from './postgresUser.js';
import type { RunCommand } from './runCommand.js';
import {
  ProcessFailed,
  SupervisedProcess,
  type SupervisedSpec,
  type Supervision,
} from './supervisedProcess.js';
import { packageUrl } from '../runtime/paths.js';

interface PostgresServerOptions {
  home: string;
  cacheDir: string;
  port: PortWish;
  onProgress: (line: string) => void;
  supervision: Supervision;
  maxRestarts: number;
}

/** Where a home's server can be reached can't be told yet, such as for a file that can't be read, or a taken port. */
export interface PostgresUnlocated {
  url: undefined;
  /** Settles once it can be told. */
  located: Promise<void>;
}

interface PostgresServer {
  /** Connection string of the role `ladepuls`, which owns the database `ladepuls`. */
  url: string;
  /** The server, once it is ready for the first time. */
  process: Promise<SupervisedProcess>;
}

/** Role and database of the warehouse. */
const OWNER = 'ladepuls';
/** The role of readers, which the first migration would make too. */
const READER = 'ladepuls_reader';
/** What a superuser sets for readers. */
const READER_LIMITS = packageUrl('sql/postgres/readers/superuser.sql');
/** After a crash, up to max_wal_size has to be replayed. */
const READY_TIMEOUT_MS = 600_000;
/** A probe is asked again. */
const PROBE_TIMEOUT_MS = 2_000;
/** A server that is ready may still be slow to answer where the machine is busy. */
const CONNECT_TIMEOUT_MS = 60_000;
/** It ends last: everybody else may still have something to write. */
const STOP_ORDER = 200;
/** A service goes on without a server that is not ready by then: polls need none. */
const PATIENCE_MS = 20_000;
/** A server that was ready may be slow to connect where the machine is busy. */
const ALIVE_TIMEOUT_MS = 8_000;

/**
 * Starts Postgres on the home's cluster, which is made where it is absent, with the database `ladepuls` in it. Waits
 * until the server is ready.
 */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const attempts = await PostgresStart.prepare(options);
  const process = await attempts.once();
  return { url: attempts.url, process: Promise.resolve(process) };
}

/**
 * Starts Postgres, and goes on trying in the background where that fails, such as while the disk is full. Returns once
 * the server is ready, has failed, or has taken 20 seconds.
 */
export async function startPostgresPatiently(
  options: PostgresServerOptions,
): Promise<PostgresServer | PostgresUnlocated> {
  const { signal, tell } = options.supervision;
  const prepare = () => PostgresStart.prepare(options);
  const attempts = await prepare().catch((error: unknown) => {
    signal.throwIfAborted();
    tell(`Postgres: ${oneLine(String(error))} Everything else begins without the warehouse.`);
    return null;
  });
  if (attempts === null) {
    const located = persist('Postgres', prepare, { signal, tell }).then(() => undefined);
    located.catch(() => undefined); // only a stop ends the attempts
    return { url: undefined, located };
  }
  const first = attempts.once();
  const settled = first.then(
    () => true,
    () => true,
  );
  const isSettled = await Promise.race([settled, sleep(PATIENCE_MS, false, { signal, ref: false })]);
  if (!isSettled) tell('Postgres is not ready yet. Everything else begins without the warehouse.');
  await attempts.settlePort();
  const process = first.catch(() => persist('Postgres', () => attempts.once(), { signal, tell }));
  process.catch(() => undefined); // only a stop ends the attempts
  return { url: attempts.url, process };
}

/** The attempts to bring one home's server up. */
class PostgresStart {
  /** The port of the attempt under way, or of the one before. */
  private port: number | undefined;
  private isPortSettled = false;

  private constructor(
    private readonly options: PostgresServerOptions,
    private readonly location: PostgresLocation,
    private readonly run: RunCommand,
  ) {}

  static async prepare(options: PostgresServerOptions): Promise<PostgresStart> {
    const { home, port, supervision } = options;
    // Others must not be told of a port that somebody else listens on.
    if (port.port !== undefined) await choosePort(port);
    const run = guardedRunner(supervision.guard, home, supervision.signal);
    return new PostgresStart(
      options,
      await openLocation(home, await postgresUser(run), supervision.tell),
      run,
    );
  }

  /** From now on the server's port stays, since others were told of it. */
  async settlePort(): Promise<void> {
    const { port } = this.options;
    this.port ??= port.port ?? (await choosePort(port));
    this.isPortSettled = true;
  }

  get url(): string {
    return connectionString(OWNER, this.location.ownerPassword, this.port ?? 0, OWNER);
  }

  /** Starts the server and waits until it is ready. */
  async once(): Promise<SupervisedProcess> {
    const { cacheDir, onProgress, supervision } = this.options;
    const binaries = await providePostgres(cacheDir, onProgress, supervision.signal);
    await createCluster(binaries, this.location, this.run, onProgress);
    const port = this.isPortSettled ? { ...this.options.port, port: this.port } : this.options.port;
    return startOnPorts(
      { port },
      async (chosen) => {
        this.port = chosen.port;
        const spec = postgresSpec(this.options, binaries.postgres, this.location, chosen.port);
        return SupervisedProcess.start(spec, supervision);
      },
      (error) => error instanceof ProcessFailed,
    );
  }
}

function postgresSpec(
  { home, maxRestarts }: PostgresServerOptions,
  command: string,
  location: PostgresLocation,
  port: number,
): SupervisedSpec {
  const { dataDir, user } = location;
  // No Unix socket: its path has a limit that a deep home would exceed.
  const settings = [`listen_addresses=${LOOPBACK}`, `port=${port}`, 'unix_socket_directories='];
  return {
    name: 'postgres',
    command,
    args: ['-D', dataDir, ...settings.flatMap((setting) => ['-c', setting])],
    cwd: '/',
    env: definedOnly(POSTGRES_ENV),
    ...(user ? { user } : {}),
    logFile: join(home, 'logs', 'postgres.log'),
    stopSteps: POSTGRES_STOP_STEPS,
    stopOrder: STOP_ORDER,
    beforeStart: async () => {
      await clearStaleLock(dataDir);
      await writeSettings(dataDir, user);
    },
    isReady: async ({ pid }) => {
      const postmaster = await readPostmaster(dataDir);
      if (postmaster?.pid !== pid || !postmaster.isReady || !(await answers(location, port))) return false;
      await createDatabase(location, port);
      return true;
    },
    isAlive: () => answersAnything(location, port),
    readyTimeoutMs: READY_TIMEOUT_MS,
    maxRestarts,
  };
}

/** Whether a server answers at all: one that has no connection left, or recovers from a crash, says so. */
async function answersAnything(location: PostgresLocation, port: number): Promise<boolean> {
  try {
    return await asSuperuser(location, port, ALIVE_TIMEOUT_MS, async (client) => {
      await client.query('SELECT 1');
      return true;
    });
  } catch (error) {
    return error instanceof pg.DatabaseError;
  }
}

async function answers(location: PostgresLocation, port: number): Promise<boolean> {
  await asSuperuser(location, port, PROBE_TIMEOUT_MS, (client) => client.query('SELECT 1'));
  return true;
}

/**
 * Makes the owner's role and the database where they are absent; the role's password is the location's, always. Some
 * connections are the owner's, whoever else is connected, and nobody else reaches the databases that nobody needs.
 */
async function createDatabase(location: PostgresLocation, port: number): Promise<void> {
  await asSuperuser(location, port, CONNECT_TIMEOUT_MS, async (client) => {
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [OWNER]);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${OWNER}`);
    const password = client.escapeLiteral(location.ownerPassword);
    await client.query(`ALTER ROLE ${OWNER} LOGIN CREATEDB CREATEROLE PASSWORD ${password}`);
    const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [OWNER]);
    const reader = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [READER]);
    if (reader.rowCount === 0) {
      await client.query(`CREATE ROLE ${READER} NOLOGIN`);
      await client.query(`GRANT ${READER} TO ${OWNER} WITH ADMIN OPTION`);
    }
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${OWNER} OWNER ${OWNER}`);
    await client.query(`GRANT pg_use_reserved_connections TO ${OWNER}`);
    await client.query(`GRANT CONNECT ON DATABASE postgres, template1 TO ${OWNER}`);
    await client.query('REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC');
  });
  const limits = await readFile(READER_LIMITS, 'utf8');
  await asSuperuser({ ...location, database: OWNER }, port, CONNECT_TIMEOUT_MS, (client) =>
    client.query(limits),
  );
}

async function asSuperuser<T>(
  { superuserPassword, database = 'postgres' }: PostgresLocation & { database?: string },
  port: number,
  connectTimeoutMs: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const connectionStringOfSuperuser = connectionString('postgres', superuserPassword, port, database);
  const client = new pg.Client({
    connectionString: connectionStringOfSuperuser,
    connectionTimeoutMillis: connectTimeoutMs,
  });
  client.on('error', () => undefined); // a server that ends meanwhile: the query's own failure tells
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function connectionString(role: string, password: string, port: number, database: string): string {
  return `postgres://${role}:${password}@${LOOPBACK}:${port}/${database}`;
}
