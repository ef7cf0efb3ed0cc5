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

/**
 * Postgres' shutdown modes. SIGINT is "fast": sessions end and a checkpoint is written. SIGQUIT is "immediate": the
 * next start recovers from the log.
 */
export const POSTGRES_STOP_STEPS: StopStep[] = [
  { signal: 'SIGINT', graceMs: 20_000 },
  { signal: 'SIGQUIT', graceMs: 5_000 },
];

/** The environment of Postgres' programs: without the user's PG… variables, and with messages in English. */
export const POSTGRES_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Settings for a warehouse on one machine. Settings made by ALTER SYSTEM take precedence.
 *
 * `max_locks_per_transaction`: a query over all days locks the partitions of every day. `max_notify_queue_pages`:
 * nothing here uses NOTIFY, therefore 8 MB are enough; a reader could fill the default of 8 GB.
 */
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
/** A pid that no process can have: a lock with this pid is outdated. */
const NO_PID = 2_147_483_646;

/**
 * Create the cluster if absent. It is created in a temporary folder and renamed when complete, so that an interrupted
 * creation is never taken for a cluster.
 *
 * @throws Error when `initdb` fails, or another major version of Postgres made the existing cluster
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

/** Write this release's settings to an existing cluster. */
export async function writeSettings(dataDir: string, user: SystemUser | null): Promise<void> {
  const path = join(dataDir, SETTINGS_FILE);
  await writeFile(
    path,
    `# Written at every start; use ALTER SYSTEM to set something else.\n${SETTINGS.trimStart()}`,
  );
  if (user) await chown(path, user.uid, user.gid);
}

/** Read the server that runs on a cluster from its lock file; null if there is no lock file. */
export async function readPostmaster(dataDir: string): Promise<{ pid: number; isReady: boolean } | null> {
  const text = await readFile(pidFile(dataDir), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  return { pid: Number.parseInt(lines[0] ?? '', 10), isReady: lines[7]?.trim() === 'ready' };
}

/**
 * Prepare a start: stop a server that an earlier run left on this cluster, and invalidate an outdated lock file.
 * Postgres would take the lock file for a running server if another program has the same pid now.
 */
export async function clearStaleLock(dataDir: string): Promise<void> {
  const postmaster = await readPostmaster(dataDir);
  if (!postmaster) return;
  const { pid } = postmaster;
  const startTime = startTimeOf(pid);
  if (startTime === null) return;
  if (commandLineOf(pid)?.includes(dataDir)) return stopProcess({ pid, startTime }, POSTGRES_STOP_STEPS);
  // The file is not removed: its other lines let Postgres check whether orphaned sessions still use its shared memory.
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
    // Text is sorted by code point on every machine and forever. The order of a library's locale may change with the
    // library.
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

/** Make a rename in the folder durable, so that it survives a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

function pidFile(dataDir: string): string {
  return join(dataDir, 'postmaster.pid');
}
