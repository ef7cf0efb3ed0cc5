import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../stores/errorCode.js';

/** Find the folder itself or, when it does not exist yet, its nearest ancestor that does. */
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
