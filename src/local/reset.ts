import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockHome } from './homeLock.js';
import { stopLeftovers } from './leftovers.js';
import { postgresFolder, removePostgresData, setAsidePostgresData } from './postgresLocation.js';

/** What else the local components keep in a home, beside Temporal's database and Postgres' cluster. The lock goes last. */
const FOLDERS = ['logs', 'run'];
const TEMPORAL = 'temporal.db';

/** What a reset does with a home's Postgres cluster. */
export type ClusterFate = 'remove' | 'set aside';

/** The files and folders that the local components made for a home, the cluster that stands elsewhere included. */
export async function localFiles(home: string): Promise<string[]> {
  const cluster = await postgresFolder(home);
  const inHome = [...(await temporalFiles(home)), ...FOLDERS, 'postgres.json'].map((name) =>
    join(home, name),
  );
  return [...(cluster === null ? [] : [cluster]), ...inHome].filter((path) => existsSync(path));
}

/**
 * Removes everything that the local components made for a home, the cluster that stands elsewhere included. What is left
 * are the stores, unless they are named.
 *
 * @param options.others further files and folders to remove, while nothing else can start on that home
 * @param options.cluster whether the cluster is removed, or set aside; by default it is removed
 * @returns the folder that the cluster was set aside to; null where it was not
 * @throws HomeInUse where a service runs on it
 */
export async function resetHome(
  home: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
  { others = [], cluster = 'remove' }: { others?: readonly string[]; cluster?: ClusterFate } = {},
): Promise<string | null> {
  const lock = await lockHome(home, 'command', onProgress, signal);
  try {
    await stopLeftovers(home, onProgress, signal);
    const aside = cluster === 'set aside' ? await setAsidePostgresData(home, Date.now()) : null;
    if (aside === null) await removePostgresData(home);
    for (const path of others) await rm(path, { recursive: true, force: true });
    for (const name of [...(await temporalFiles(home)), ...FOLDERS])
      await rm(join(home, name), { recursive: true, force: true });
    return aside;
  } finally {
    lock.release();
  }
}

/** Temporal's database with its journals, and what was set aside of it. */
async function temporalFiles(home: string): Promise<string[]> {
  const names = await readdir(home).catch(() => []);
  return names.filter((name) => name.startsWith(TEMPORAL)).sort();
}
