import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockHome } from './homeLock.js';
import { stopLeftovers } from './leftovers.js';
import { postgresFolder, removePostgresData, setAsidePostgresData } from './postgresLocation.js';

/**
 * Folders that local components have in a home, beside Temporal's database and Postgres' cluster. `run` is removed
 * last, because it contains the lock.
 */
const FOLDERS = ['logs', 'run'];
const TEMPORAL = 'temporal.db';

/** What a reset does with a home's Postgres cluster. */
export type ClusterFate = 'remove' | 'set aside';

/**
 * List the existing files and folders that the local components made for a home, including a cluster outside the home.
 */
export async function localFiles(home: string): Promise<string[]> {
  const cluster = await postgresFolder(home);
  const inHome = [...(await temporalFiles(home)), ...FOLDERS, 'postgres.json'].map((name) =>
    join(home, name),
  );
  return [...(cluster === null ? [] : [cluster]), ...inHome].filter((path) => existsSync(path));
}

/**
 * Remove everything that the local components made for a home, including a cluster outside the home. The stores remain,
 * unless `options.others` names them.
 *
 * @param options.others further files and folders to remove, while no other process can start on the home
 * @param options.cluster whether the cluster is removed or set aside; default: removed
 * @returns the folder that the cluster was set aside to; null if it was removed
 * @throws HomeInUse when a service runs on the home
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

/** The names of Temporal's database, its journals, and corrupt databases that were set aside. */
async function temporalFiles(home: string): Promise<string[]> {
  const names = await readdir(home).catch(() => []);
  return names.filter((name) => name.startsWith(TEMPORAL)).sort();
}
