import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { formatInstant } from '../domain/instant.js';
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
/** Between the name of a folder and the instant at which it was set aside. */
const ASIDE = '-aside-';

/**
 * Reads where the home's cluster stands, or decides it for a new home. Afterwards the folder that the cluster stands in
 * exists and can be written to by the user that Postgres runs as.
 *
 * @param user the user that Postgres runs as, null for the one who runs this process
 * @param tell gets a line where an unknown cluster is set aside
 */
export async function openLocation(
  home: string,
  user: SystemUser | null,
  tell: (line: string) => void,
): Promise<PostgresLocation> {
  const known = await readLocationFile(home);
  const file = known ?? (await newLocationFile(home, user));
  if (isAbsolute(file.cluster))
    await openSharedFolder(dirname(file.cluster), home, user, { isKnown: known !== null, tell });
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

/**
 * The folder that holds a home's own cluster, wherever it stands, also where the file with its passwords is missing; null
 * where there is none.
 */
export async function postgresFolder(home: string): Promise<string | null> {
  const file = await readLocationFile(home);
  if (!file) return existsSync(join(inHome(home), 'PG_VERSION')) ? inHome(home) : null;
  if (!isAbsolute(file.cluster)) return join(home, file.cluster);
  // A copied home names the cluster of the one that it was copied from.
  const folder = dirname(file.cluster);
  return (await originalOf(home, folder)) === null ? folder : null;
}

/** The Postgres that made a home's own cluster, such as 18; null where none can be told. */
export async function clusterVersion(home: string): Promise<number | null> {
  const folder = await postgresFolder(home);
  if (folder === null) return null;
  for (const path of [join(folder, 'PG_VERSION'), join(folder, 'postgres', 'PG_VERSION')]) {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text !== null) return Number.parseInt(text, 10);
  }
  return null;
}

/** Removes a home's cluster, wherever it stands, and its entry in the home. Nothing of it may run. */
export async function removePostgresData(home: string): Promise<void> {
  const folder = await postgresFolder(home);
  if (folder !== null) await rm(folder, { recursive: true, force: true });
  await rm(locationPath(home), { force: true });
}

/**
 * Sets a home's cluster aside, with its passwords: the home gets a new one at its next start. Nothing of it may run.
 *
 * @returns the folder that it stands in from now on; null where there was none
 */
export async function setAsidePostgresData(home: string, nowMs: number): Promise<string | null> {
  const folder = await postgresFolder(home);
  const aside = folder === null || !existsSync(folder) ? null : `${folder}${ASIDE}${formatInstant(nowMs)}`;
  if (aside !== null && folder !== null) await rename(folder, aside);
  const location = await readFile(locationPath(home), 'utf8').catch(() => null);
  if (aside !== null && location !== null)
    await writeAtomically(join(aside, basename(locationPath(home))), location);
  await rm(locationPath(home), { force: true });
  return aside;
}

/** The folders of clusters of a home that were set aside. */
export async function setAsideClusters(home: string): Promise<string[]> {
  const real = await realpath(home).catch(() => home);
  const besides = await foldersAside(home, 'postgres');
  const shared = await Promise.all(
    (await foldersAside(SHARED_DATA)).map(async (folder) => {
      const named = await readFile(join(folder, HOME_FILE), 'utf8').catch(() => null);
      return named === real ? [folder] : [];
    }),
  );
  return [...besides, ...shared.flat()];
}

async function foldersAside(folder: string, of = ''): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const isAside = (name: string) => name.includes(ASIDE) && name.startsWith(of);
  return names.filter(isAside).map((name) => join(folder, name));
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
  { isKnown, tell }: { isKnown: boolean; tell: (line: string) => void },
): Promise<void> {
  if (!user) {
    throw new Error(
      `The warehouse of ${home} was made by root and stands in ${folder}: run ladepuls as root for this home.`,
    );
  }
  const original = isKnown ? await originalOf(home, folder) : null;
  if (original !== null) {
    throw new Error(
      `${home} is a copy of ${original}: both name the Postgres cluster in ${folder}. Rename ${locationPath(home)}, ` +
        'so that the copy gets a cluster of its own; then "ladepuls rebuild" loads every day again from its raw store.',
    );
  }
  if (!isKnown) await clearFolder(folder, home, tell);
  await mkdir(dirname(folder), { recursive: true });
  await chmod(dirname(folder), 0o755);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, HOME_FILE), await realpath(home));
  await chown(folder, user.uid, user.gid);
}

/**
 * What stands there without being known to the home is that of a home that was deleted, or of one that lost the file with the
 * passwords. A cluster may hold what nothing else has, wherever the home's answers are: it is set aside.
 */
async function clearFolder(folder: string, home: string, tell: (line: string) => void): Promise<void> {
  if (!existsSync(join(folder, 'postgres', 'PG_VERSION'))) {
    await rm(folder, { recursive: true, force: true });
    return;
  }
  const aside = `${folder}${ASIDE}${formatInstant(Date.now())}`;
  await rename(folder, aside);
  tell(
    `A Postgres cluster of ${home} stood in ${folder}, but ${locationPath(home)} with its passwords is missing. ` +
      `The cluster was set aside as ${aside}, and a new one is made.`,
  );
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
      'Restore that file. Or begin anew: "ladepuls reset" keeps the raw store and sets this cluster aside; then run ' +
      '"ladepuls start" and, beside it, "ladepuls rebuild", which loads every day again.',
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

function inHome(home: string): string {
  return join(home, 'postgres');
}

function locationPath(home: string): string {
  return join(home, 'postgres.json');
}
