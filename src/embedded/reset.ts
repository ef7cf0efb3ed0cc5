import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockHome } from './homeLock.js';
import { stopLeftovers } from './leftovers.js';
import { postgresFolder, removePostgresData } from './postgresLocation.js';

/** What the embedded parts keep in a home, beside Postgres' cluster. The lock goes last. */
const EMBEDDED_FILES = ['temporal.db', 'temporal.db-wal', 'temporal.db-shm', 'logs', 'run'];

/** The files and folders that the embedded parts made for a home, the cluster that stands elsewhere included. */
export async function embeddedFiles(home: string): Promise<string[]> {
  const cluster = await postgresFolder(home);
  const inHome = [...EMBEDDED_FILES, 'postgres.json'].map((name) => join(home, name));
  return [...(cluster === null ? [] : [cluster]), ...inHome].filter((path) => existsSync(path));
}

/**
 * Removes everything that the embedded parts made for a home, the cluster that stands elsewhere included. What is left
 * are the stores, unless they are named.
 *
 * @param stores further files and folders to remove, while nothing else can start on that home
 * @throws HomeInUse where a service runs on it
 */
export async function resetHome(
  home: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
  stores: readonly string[] = [],
): Promise<void> {
  const lock = await lockHome(home, 'command', onProgress, signal);
  try {
    await stopLeftovers(home, onProgress, signal);
    await removePostgresData(home);
    for (const path of stores) await rm(path, { recursive: true, force: true });
    for (const name of EMBEDDED_FILES) await rm(join(home, name), { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
