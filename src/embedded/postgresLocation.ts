import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { SystemUser } from './postgresUser.js';

/** Where a home's cluster stands, who runs it, and the passwords of its two roles. */
export interface PostgresLocation {
  dataDir: string;
  /** The user that Postgres runs as, null for the one who runs this process. */
  user: SystemUser | null;
  superuserPassword: string;
  ownerPassword: string;
}

/** Kept in the home, readable by its owner only. `cluster` is relative to the home, or absolute where it stands elsewhere. */
interface LocationFile {
  cluster: string;
  superuserPassword: string;
  ownerPassword: string;
}

/** Clusters of homes that root runs stand here, one folder each: Postgres' user may not reach the homes themselves. */
export const SHARED_DATA = '/var/lib/ladepuls';
/** Beside such a cluster: the path of the home that it belongs to. */
const HOME_FILE = 'home';

/**
 * Reads where the home's cluster stands, or decides it for a new home. Afterwards the folder that the cluster stands in
 * exists and can be written to by the user that Postgres runs as.
 *
 * @param user the user that Postgres runs as, null for the one who runs this process
 */
export async function openLocation(home: string, user: SystemUser | null): Promise<PostgresLocation> {
  const known = await readLocationFile(home);
  const file = known ?? (await newLocationFile(home, user));
  if (isAbsolute(file.cluster)) await openSharedFolder(dirname(file.cluster), home, user, known !== null);
  else if (!known) checkIsAbsent(join(home, file.cluster), home);
  if (!known) await writeAtomically(locationPath(home), JSON.stringify(file, null, 2));
  const { superuserPassword, ownerPassword } = file;
  const dataDir = resolve(home, file.cluster);
  return {
    dataDir,
    user: isAbsolute(file.cluster) ? user : await homeOwner(home, user),
    superuserPassword,
    ownerPassword,
  };
}

/** The folder that holds a home's own cluster, wherever it stands; null where there is none. */
export async function postgresFolder(home: string): Promise<string | null> {
  const file = await readLocationFile(home);
  if (!file) return null;
  if (!isAbsolute(file.cluster)) return join(home, file.cluster);
  // A copied home names the cluster of the one that it was copied from.
  const folder = dirname(file.cluster);
  return (await originalOf(home, folder)) === null ? folder : null;
}

/** Removes a home's cluster, wherever it stands, and its entry in the home. Nothing of it may run. */
export async function removePostgresData(home: string): Promise<void> {
  const folder = await postgresFolder(home);
  if (folder !== null) await rm(folder, { recursive: true, force: true });
  await rm(locationPath(home), { force: true });
}

async function readLocationFile(home: string): Promise<LocationFile | null> {
  try {
    return JSON.parse(await readFile(locationPath(home), 'utf8')) as LocationFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(
      `${locationPath(home)}, which says where the warehouse stands, can't be read ` +
        `(${error instanceof Error ? error.message : String(error)}). Run ladepuls as the user who made this home, or restore the file.`,
      { cause: error },
    );
  }
}

async function newLocationFile(home: string, user: SystemUser | null): Promise<LocationFile> {
  const password = () => randomBytes(24).toString('base64url');
  const hash = createHash('sha256')
    .update(await realpath(home))
    .digest('hex')
    .slice(0, 16);
  const cluster = user ? join(SHARED_DATA, hash, 'postgres') : 'postgres';
  return { cluster, superuserPassword: password(), ownerPassword: password() };
}

async function openSharedFolder(
  folder: string,
  home: string,
  user: SystemUser | null,
  isKnown: boolean,
): Promise<void> {
  if (!user) {
    throw new Error(
      `The warehouse of ${home} was made by root and stands in ${folder}: run ladepuls as root for this home.`,
    );
  }
  const original = isKnown ? await originalOf(home, folder) : null;
  if (original !== null) {
    throw new Error(
      `${home} is a copy of ${original}: both name the Postgres cluster in ${folder}. Delete ${locationPath(home)} ` +
        'so that the copy gets a cluster of its own; its days can be loaded again from the raw store.',
    );
  }
  // What stands there without being known to the home is that of a home that was deleted, and its passwords with it.
  if (!isKnown) await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await chmod(dirname(folder), 0o755);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, HOME_FILE), await realpath(home));
  await chown(folder, user.uid, user.gid);
}

/** The home that a cluster outside really belongs to, where this one is its copy; null where it is this one, moved or not. */
async function originalOf(home: string, folder: string): Promise<string | null> {
  const named = await readFile(join(folder, HOME_FILE), 'utf8').catch(() => null);
  const isOriginal = named === null || named === (await realpath(home)) || !existsSync(locationPath(named));
  return isOriginal ? null : named;
}

function checkIsAbsent(dataDir: string, home: string): void {
  if (!existsSync(dataDir)) return;
  throw new Error(
    `${dataDir} holds a Postgres cluster, but ${locationPath(home)} with its passwords is missing. ` +
      'Restore that file; or, to begin anew and load the days again from the raw store, delete the cluster.',
  );
}

/** Root may run a home that an ordinary user made, whose cluster stands in it: then Postgres runs as that user. */
async function homeOwner(home: string, user: SystemUser | null): Promise<SystemUser | null> {
  if (!user) return null;
  const { uid, gid } = await stat(home);
  return { uid, gid };
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}

function locationPath(home: string): string {
  return join(home, 'postgres.json');
}
