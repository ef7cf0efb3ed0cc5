import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Return the size in bytes of a file, or of a folder with all its contents; 0 if absent. Symbolic links are not
 * followed. Files that can't be read count as 0.
 */
export async function diskUsage(path: string, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const found = await lstat(path).catch(() => null);
  if (found === null) return 0;
  if (!found.isDirectory()) return found.size;
  let bytes = 0;
  try {
    for await (const entry of await opendir(path)) bytes += await diskUsage(join(path, entry.name), signal);
  } catch {
    signal.throwIfAborted();
  }
  return bytes;
}
