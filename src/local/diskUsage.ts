import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes that a file takes, or a folder with all that is in it; 0 where there is none. Symbolic links are not followed, and
 * what can't be read counts as nothing.
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
