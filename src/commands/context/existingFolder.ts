import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../stores/errorCode.js';

/** Finds the folder or, where it was not made yet, the nearest one that it will be made in. */
export async function existingFolder(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      await stat(path);
      return path;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || path === dirname(path)) throw error;
    }
  }
}
