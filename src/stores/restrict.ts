import { chmod, stat } from 'node:fs/promises';
import { errorCode } from './errorCode.js';
import { PRIVATE } from './publish.js';
import type { Store } from './store.js';

/**
 * Remove all bits beyond 0750 from the mode of an existing store's folder. Then only the owner and the group reach
 * files in it, even if an older release gave the files wider modes. Does nothing when the folder does not exist.
 *
 * @param folder absolute path
 */
export async function restrictFolder(folder: string): Promise<void> {
  try {
    const { mode } = await stat(folder);
    if ((mode & 0o777 & ~PRIVATE.folder) !== 0)
      await chmod(folder, (mode & 0o7000) | (mode & PRIVATE.folder));
  } catch (error) {
    // Only its owner can change the folder's mode.
    if (!['ENOENT', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')) throw error;
  }
}

/** Restrict the folder of a store at a `file:` address. Does nothing for other stores. */
export async function restrictStore({ url }: Store): Promise<void> {
  if (url.startsWith('file:')) await restrictFolder(url.slice('file:'.length));
}
