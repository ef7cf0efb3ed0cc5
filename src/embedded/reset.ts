import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockHome } from './homeLock.js';
import { stopLeftovers } from './leftovers.js';
import { removePostgresData } from './postgresLocation.js';

/** What the embedded parts keep in a home, beside Postgres' cluster. The lock goes last. */
const EMBEDDED_FILES = ['temporal.db', 'temporal.db-wal', 'temporal.db-shm', 'logs', 'run'];

/**
 * Removes everything that the embedded parts made for a home, the cluster that stands elsewhere included. What is left
 * are the stores.
 *
 * @throws HomeInUse where a service runs on it
 */
export async function resetHome(
  home: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const lock = await lockHome(home, 'command', onProgress, signal);
  try {
    await stopLeftovers(home, onProgress, signal);
    await removePostgresData(home);
    for (const name of EMBEDDED_FILES) await rm(join(home, name), { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
