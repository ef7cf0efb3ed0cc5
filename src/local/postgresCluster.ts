import { existsSync } from 'node:fs';
import { appendFile, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  OWNER_CONNECTIONS,
  READER_CONNECTIONS,
  RESERVED_FOR_OWNER,
  RESERVED_FOR_SUPERUSERS,
} from '../domain/connections.js';
import { commandLineOf, startTimeOf } from './processIdentity.js';
import type { PostgresBinaries } from './postgresBinaries.js';
import type { PostgresLocation } from './postgresLocation.js';
import type { SystemUser } from './postgresUser.js';
import type { RunCommand } from './runCommand.js';
import { stopProcess, type StopStep } from './stopProcess.js';

/** Postgres' own words: "fast" ends sessions and writes a checkpoint; "immediate" leaves that to the next start. */
export const POSTGRES_STOP_STEPS: StopStep[] = [
  { signal: 'SIGINT', graceMs: 20_000 },
  { signal: 'SIGQUIT', graceMs: 5_000 },
];

/** The environment of Postgres' programs: nobody's PG… variables, and messages in English. */
export const POSTGRES_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** A warehouse on one machine. What ALTER SYSTEM sets goes before these. A reader of all days locks each day's partitions. Nothing here
 * notifies anybody, so that a queue of 8 MB is enough: the default is 8 GB, which a reader could fill. */
const SETTINGS = `
shared_buffers = 128MB
max_connections = ${READER_CONNECTIONS + OWNER_CONNECTIONS + RESERVED_FOR_SUPERUSERS}
reserved_connections = ${RESERVED_FOR_OWNER}
superuser_reserved_connections = ${RESERVED_FOR_SUPERUSERS}
max_locks_per_transaction = 256
max_notify_queue_pages = 1024
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
`;
const SETTINGS_FILE = 'ladepuls.conf';
const WORK_PREFIX = 'initdb-';
/** No process can have this number: a lock that names it is outdated. */
const NO_PID = 2_147_483_646;

/**
 * Makes the cluster where there is none. It is made aside and moved to its place when it is complete, so that one whose
 * making was interrupted is never taken for a cluster.
 */
export async function createCluster(
  { initdb, majorVersion }: PostgresBinaries,
  { dataDir, user, superuserPassword }: PostgresLocation,
  run: RunCommand,
  onProgress: (line: string) => void,
): Promise<void> {
  const folder = dirname(dataDir);
  await removeInterrupted(folder);
  if (existsSync(dataDir)) return checkVersion(dataDir, majorVersion);
  onProgress(`Making a Postgres cluster in ${dataDir} …`);
  const work = join(folder, `${WORK_PREFIX}${process.pid}`);
  const made = join(work, basename(dataDir));
  const passwordFile = join(work, 'password');
  await mkdir(work, { mode: 0o700 });
  await writeFile(passwordFile, superuserPassword, { mode: 0o600 });
  if (user) for (const path of [work, passwordFile]) await chown(path, user.uid, user.gid);
  const { ok, output } = await run(initdb, initdbArguments(made, passwordFile), {
    env: POSTGRES_ENV,
    cwd: '/',
    ...(user ? { user } : {}),
  });
  if (!ok) throw new Error(`Postgres' initdb failed in ${work}: ${output}`);
  await appendFile(join(made, 'postgresql.conf'), `\ninclude '${SETTINGS_FILE}'\n`);
  await writeSettings(made, user);
  await rename(made, dataDir);
  await syncFolder(folder);
  await rm(work, { recursive: true, force: true });
}

/** Brings an existing cluster's settings up to date with this release. */
export async function writeSettings(dataDir: string, user: SystemUser | null): Promise<void> {
  const path = join(dataDir, SETTINGS_FILE);
  await writeFile(
    path,
    `# Written at every start; use ALTER SYSTEM to set something else.\n${SETTINGS.trimStart()}`,
  );
  if (user) await chown(path, user.uid, user.gid);
}

/** The server that runs on a cluster, as its lock file tells; null where there is none. */
export async function readPostmaster(dataDir: string): Promise<{ pid: number; isReady: boolean } | null> {
  const text = await readFile(pidFile(dataDir), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  return { pid: Number.parseInt(lines[0] ?? '', 10), isReady: lines[7]?.trim() === 'ready' };
}

/**
 * Clears the way for a start: stops a server that an earlier run left on this cluster, and disowns a lock file whose
 * number has gone to another program since, which Postgres would take for a running server.
 */
export async function clearStaleLock(dataDir: string): Promise<void> {
  const postmaster = await readPostmaster(dataDir);
  if (!postmaster) return;
  const { pid } = postmaster;
  const startTime = startTimeOf(pid);
  if (startTime === null) return;
  if (commandLineOf(pid)?.includes(dataDir)) return stopProcess({ pid, startTime }, POSTGRES_STOP_STEPS);
  // Not removed: the other lines let Postgres find out whether orphaned sessions still use its shared memory.
  const text = await readFile(pidFile(dataDir), 'utf8');
  await writeFile(pidFile(dataDir), text.replace(/^\d+/, String(NO_PID)));
}

function initdbArguments(dataDir: string, passwordFile: string): string[] {
  return [
    `--pgdata=${dataDir}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Text sorts by code point, on every machine and for ever: a locale of the system's library may change with it.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
  ];
}

async function checkVersion(dataDir: string, expected: number): Promise<void> {
  const version = Number.parseInt(await readFile(join(dataDir, 'PG_VERSION'), 'utf8'), 10);
  if (version === expected) return;
  throw new Error(
    `The Postgres cluster ${dataDir} was made by Postgres ${version}, but this release of ladepuls brings ${expected}. ` +
      'First keep what people edited: run "ladepuls config export" for each table of schema config with the release that made the ' +
      'cluster, unless the raw store has copies below config/. Then run "ladepuls stop" and "ladepuls reset": it sets this cluster ' +
      'aside, with tables of your own in it, and keeps the raw store. Then run "ladepuls start" and, beside it, "ladepuls rebuild", ' +
      'which loads every day again.',
  );
}

async function removeInterrupted(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(WORK_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Makes a rename in the folder survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

function pidFile(dataDir: string): string {
  return join(dataDir, 'postmaster.pid');
}
