import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** Return the real path of a `file:` store inside the home directory; null for any other store. */
export async function folderInHome(home: string, url: string): Promise<string | null> {
  if (!url.startsWith('file:')) return null;
  const folder = await realPath(resolve(url.slice('file:'.length)));
  return isBelow(await realPath(resolve(home)), folder) ? folder : null;
}

/** Whether a path is below a folder. The folder itself is not. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

/** Resolve the symbolic links of the path, as far as the path exists. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return dirname(path) === path ? path : join(await realPath(dirname(path)), basename(path));
  }
}
