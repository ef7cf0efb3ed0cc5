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

/** The folder of a home's cluster, the user that runs it, and the passwords of its two roles. */
export interface PostgresLocation {
  dataDir: string;
  /** The user that Postgres runs as; null for the user who runs this process. */
  user: SystemUser | null;
  superuserPassword: string;
  ownerPassword: string;
}

/**
 * The file `postgres.json` in the home, readable by its owner only. `cluster` is a path relative to the home, or an
 * absolute path if the cluster is outside the home.
 */
interface LocationFile {
  cluster: string;
  superuserPassword: string;
  ownerPassword: string;
}

/**
 * Folder of the clusters of homes that root runs, one subfolder for each. Postgres' user may not have access to the
 * homes themselves.
 */
export const SHARED_DATA = '/var/lib/ladepuls';
/** File beside a cluster in {@link SHARED_DATA}, with the path of the home that the cluster belongs to. */
const HOME_FILE = 'home';
/** Separates, in the name of a folder that was set aside, the original name from the instant. */
const ASIDE = '-aside-';

/**
 * Read the location of the home's cluster, or decide it for a new home. Afterwards the folder that contains the cluster
 * exists, and the user that Postgres runs as can write to it.
 *
 * @param user the user that Postgres runs as; null for the user who runs this process
 * @param onMessage receives a line when an unknown cluster is set aside
 * @throws Error when the location file can't be read or its cluster can't be used by this home; the message says what
 * to do
 */
export async function openLocation(
  home: string,
  user: SystemUser | null,
  onMessage: (line: string) => void,
): Promise<PostgresLocation> {
  const known = await readLocationFile(home);
  const file = known ?? (await newLocationFile(home, user));
  if (isAbsolute(file.cluster))
    await openSharedFolder(dirname(file.cluster), home, user, { isKnown: known !== null, onMessage });
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
 * Find the folder of a home's own cluster, inside or outside the home, even if the file with its passwords is missing.
 *
 * @returns null if the home has no cluster of its own
 */
export async function postgresFolder(home: string): Promise<string | null> {
  const file = await readLocationFile(home);
  if (!file) return existsSync(join(inHome(home), 'PG_VERSION')) ? inHome(home) : null;
  if (!isAbsolute(file.cluster)) return join(home, file.cluster);
  // The location file of a copied home names the cluster of the original home.
  const folder = dirname(file.cluster);
  return (await originalOf(home, folder)) === null ? folder : null;
}

/**
 * Read the major version of the Postgres that made a home's own cluster, such as 18.
 *
 * @returns null if the version can't be determined
 */
export async function clusterVersion(home: string): Promise<number | null> {
  const folder = await postgresFolder(home);
  if (folder === null) return null;
  for (const path of [join(folder, 'PG_VERSION'), join(folder, 'postgres', 'PG_VERSION')]) {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text !== null) return Number.parseInt(text, 10);
  }
  return null;
}

/**
 * Remove a home's cluster, inside or outside the home, and its location file. Precondition: no process of the cluster
 * runs.
 */
export async function removePostgresData(home: string): Promise<void> {
  const folder = await postgresFolder(home);
  if (folder !== null) await rm(folder, { recursive: true, force: true });
  await rm(locationPath(home), { force: true });
}

/**
 * Set a home's cluster aside, together with its passwords. The home gets a new cluster at its next start. Precondition:
 * no process of the cluster runs.
 *
 * @param nowMs milliseconds since the epoch, for the name of the folder
 * @returns the new path of the folder; null if there was no cluster
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

/** List the folders of a home's clusters that were set aside. */
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
  { isKnown, onMessage }: { isKnown: boolean; onMessage: (line: string) => void },
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
  if (!isKnown) await clearFolder(folder, home, onMessage);
  await mkdir(dirname(folder), { recursive: true });
  await chmod(dirname(folder), 0o755);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, HOME_FILE), await realpath(home));
  await chown(folder, user.uid, user.gid);
}

/**
 * Clear the folder for a new cluster. A cluster in it is not known to this home: it belonged to a home that was
 * deleted, or this home lost its location file. That cluster may hold data that exists nowhere else. Therefore it is
 * set aside, not removed.
 */
async function clearFolder(folder: string, home: string, onMessage: (line: string) => void): Promise<void> {
  if (!existsSync(join(folder, 'postgres', 'PG_VERSION'))) {
    await rm(folder, { recursive: true, force: true });
    return;
  }
  const aside = `${folder}${ASIDE}${formatInstant(Date.now())}`;
  await rename(folder, aside);
  onMessage(
    `A Postgres cluster of ${home} stood in ${folder}, but ${locationPath(home)} with its passwords is missing. ` +
      `The cluster was set aside as ${aside}, and a new one is made.`,
  );
}

/**
 * Find the home that a cluster outside belongs to, if `home` is a copy of it.
 *
 * @returns null if the cluster belongs to `home` itself, moved or not
 */
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

/**
 * The owner of the home. If an ordinary user made the home, its cluster is inside the home; when root runs this home,
 * Postgres runs as that user.
 */
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
