import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** The folder of a store that stands inside the home, as a real path; null for any other store. */
export async function folderInHome(home: string, url: string): Promise<string | null> {
  if (!url.startsWith('file:')) return null;
  const folder = await realPath(resolve(url.slice('file:'.length)));
  return isBelow(await realPath(resolve(home)), folder) ? folder : null;
}

/** Whether a path is below a folder, and not the folder itself. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

/** The path without symbolic links, as far as it is there. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return dirname(path) === path ? path : join(await realPath(dirname(path)), basename(path));
  }
}
