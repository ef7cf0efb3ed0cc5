import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { definedOnly, guardedRunner } from './guardedCommand.js';
import { oneLine } from '../domain/oneLine.js';
import { retryUntilDone } from './pauses.js';
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

/** A server whose address is not known yet, such as when a file can't be read or a fixed port is taken. */
export interface PostgresUnlocated {
  url: undefined;
  /** Resolves when the address is known. */
  located: Promise<void>;
}

interface PostgresServer {
  /** Connection string of the role `ladepuls`, which owns the database `ladepuls`. */
  url: string;
  /** Resolves to the server's process when the server is ready for the first time. */
  process: Promise<SupervisedProcess>;
}

/** Role and database of the warehouse. */
const OWNER = 'ladepuls';
/** The role of readers. The first migration would create the role too. */
const READER = 'ladepuls_reader';
/** SQL with the limits of readers that only a superuser may set. */
const READER_LIMITS = packageUrl('sql/postgres/readers/superuser.sql');
/** Long, because after a crash up to `max_wal_size` of the write-ahead log is replayed. */
const READY_TIMEOUT_MS = 600_000;
/** Timeout of one readiness probe. A failed probe is repeated. */
const PROBE_TIMEOUT_MS = 2_000;
/** Long, because a ready server may respond slowly on a busy machine. */
const CONNECT_TIMEOUT_MS = 60_000;
/** Postgres is stopped last, because all other components may still write to it. */
const STOP_ORDER = 200;
/** Milliseconds that `ladepuls start` waits for Postgres before it starts the other components. Polls need no warehouse. */
const PATIENCE_MS = 20_000;
/** Long, because a ready server may accept connections slowly on a busy machine. */
const ALIVE_TIMEOUT_MS = 8_000;

/**
 * Start Postgres on the home's cluster and wait until the server is ready. The cluster, and the database `ladepuls` in
 * it, are created if absent.
 *
 * @throws ProcessFailed when the server ends or is not ready in time
 */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const attempts = await PostgresStart.prepare(options);
  const process = await attempts.once();
  return { url: attempts.url, process: Promise.resolve(process) };
}

/**
 * Start Postgres. When an attempt fails, for example because the disk is full, start it again in the background until
 * the server is ready. Returns when the server is ready, when the first attempt has failed, or after 20 seconds
 * ({@link PATIENCE_MS}), whichever is first.
 *
 * @returns the server, whose `process` resolves when the server is ready; `PostgresUnlocated` when preparing failed
 */
export async function startPostgresPatiently(
  options: PostgresServerOptions,
): Promise<PostgresServer | PostgresUnlocated> {
  const { signal, onMessage } = options.supervision;
  const prepare = () => PostgresStart.prepare(options);
  const attempts = await prepare().catch((error: unknown) => {
    signal.throwIfAborted();
    onMessage(
      `Postgres: ${oneLine(String(error))} Ladepuls tries again, and starts the other components without the warehouse.`,
    );
    return null;
  });
  if (attempts === null) {
    const located = retryUntilDone('Postgres', prepare, { signal, onMessage }).then(() => undefined);
    located.catch(() => undefined); // only a stop rejects this promise
    return { url: undefined, located };
  }
  const first = attempts.once();
  const settled = first.then(
    () => true,
    () => true,
  );
  const isSettled = await Promise.race([settled, sleep(PATIENCE_MS, false, { signal, ref: false })]);
  if (!isSettled)
    onMessage(
      'Postgres is not ready yet. Ladepuls waits for it, and starts the other components without the warehouse.',
    );
  await attempts.settlePort();
  const process = first.catch(() => retryUntilDone('Postgres', () => attempts.once(), { signal, onMessage }));
  process.catch(() => undefined); // only a stop rejects this promise
  return { url: attempts.url, process };
}

/** The attempts to start the server of one home. */
class PostgresStart {
  /** The port of the current or most recent attempt. */
  private port: number | undefined;
  private isPortSettled = false;

  private constructor(
    private readonly options: PostgresServerOptions,
    private readonly location: PostgresLocation,
    private readonly run: RunCommand,
  ) {}

  static async prepare(options: PostgresServerOptions): Promise<PostgresStart> {
    const { home, port, supervision } = options;
    // A fixed port is checked first, because other components must not be given a port that another program listens on.
    if (port.port !== undefined) await choosePort(port);
    const run = guardedRunner(supervision.guard, home, supervision.signal);
    return new PostgresStart(
      options,
      await openLocation(home, await postgresUser(run), supervision.onMessage),
      run,
    );
  }

  /** Fix the port for all further attempts, because other components get the address now. */
  async settlePort(): Promise<void> {
    const { port } = this.options;
    this.port ??= port.port ?? (await choosePort(port));
    this.isPortSettled = true;
  }

  get url(): string {
    return connectionString(OWNER, this.location.ownerPassword, this.port ?? 0, OWNER);
  }

  /** Start the server and wait until it is ready. One attempt. */
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
  // No Unix socket, because its path would be too long in a deep home directory.
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

/**
 * Whether the server responds. An error from the server counts as a response, such as "too many connections" or "in
 * recovery".
 */
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
 * Create the roles and the database if absent, and set the owner's password to that of the location file.
 *
 * The owner gets reserved connections, so that readers can't use up all connections. Other roles may not connect to the
 * databases `postgres` and `template1`, because no reader needs them.
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
  client.on('error', () => undefined); // if the server ends, the query itself fails
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
