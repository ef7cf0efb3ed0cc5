import { chmod, stat } from 'node:fs/promises';
import { errorCode } from './errorCode.js';
import { PRIVATE } from './publish.js';
import type { Store } from './store.js';

/**
 * Takes what is more than 0750 from the mode of an existing store's folder, so that nobody but the owner and the group
 * reaches what is in it, whatever modes an older release gave the files there. Does nothing where there is no folder.
 *
 * @param folder absolute path
 */
export async function restrictFolder(folder: string): Promise<void> {
  try {
    const { mode } = await stat(folder);
    if ((mode & 0o777 & ~PRIVATE.folder) !== 0)
      await chmod(folder, (mode & 0o7000) | (mode & PRIVATE.folder));
  } catch (error) {
    // Another user's folder is that user's to restrict.
    if (!['ENOENT', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')) throw error;
  }
}

/** Does so for a store that is a folder, wherever it is. Does nothing for others. */
export async function restrictStore({ url }: Store): Promise<void> {
  if (url.startsWith('file:')) await restrictFolder(url.slice('file:'.length));
}
