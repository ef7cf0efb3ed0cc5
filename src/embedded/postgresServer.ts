import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { definedOnly, guardedRunner } from './guardedCommand.js';
import type { Guard } from './guardClient.js';
import { LOOPBACK, startOnPorts, type PortWish } from './ports.js';
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
import { ProcessFailed, SupervisedProcess, type SupervisedSpec } from './supervisedProcess.js';

interface PostgresServerOptions {
  home: string;
  cacheDir: string;
  port: PortWish;
  guard: Guard;
  onProgress: (line: string) => void;
  log: (line: string) => void;
  signal: AbortSignal;
}

interface PostgresServer {
  process: SupervisedProcess;
  /** Connection string of the role `ladepuls`, which owns the database `ladepuls`. */
  url: string;
}

/** Role and database of the warehouse. */
const OWNER = 'ladepuls';
/** The role of readers, which the first migration would make too. */
const READER = 'ladepuls_reader';
/** What a superuser sets for readers; from src/ and from dist/ alike. */
const READER_LIMITS = new URL('../../sql/postgres/readers/superuser.sql', import.meta.url);
/** After a crash, up to max_wal_size has to be replayed. */
const READY_TIMEOUT_MS = 600_000;
/** A probe is asked again. */
const PROBE_TIMEOUT_MS = 2_000;
/** A server that is ready may still be slow to answer where the machine is busy. */
const CONNECT_TIMEOUT_MS = 60_000;
/** It ends last: everybody else may still have something to write. */
const STOP_ORDER = 200;
const MAX_RESTARTS = 8;

/** Starts Postgres on the home's cluster, which is made where it is absent, with the database `ladepuls` in it. */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const { home, cacheDir, guard, onProgress, log, signal } = options;
  const run = guardedRunner(guard, home, signal);
  const binaries = await providePostgres(cacheDir, onProgress, signal);
  const location = await openLocation(home, await postgresUser(run));
  await createCluster(binaries, location, run, onProgress);
  return startOnPorts(
    { port: options.port },
    async ({ port }) => {
      const spec = postgresSpec(home, binaries.postgres, location, port);
      const process = await SupervisedProcess.start(guard, spec, log, signal);
      await createDatabase(location, port);
      return { process, url: connectionString(OWNER, location.ownerPassword, port, OWNER) };
    },
    (error) => error instanceof ProcessFailed,
  );
}

function postgresSpec(
  home: string,
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
      return postmaster?.pid === pid && postmaster.isReady && (await answers(location, port));
    },
    readyTimeoutMs: READY_TIMEOUT_MS,
    maxRestarts: MAX_RESTARTS,
  };
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
