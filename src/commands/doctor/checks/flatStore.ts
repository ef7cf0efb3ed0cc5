import { randomUUID } from 'node:crypto';
import { openStore } from '../../../stores/open.js';
import { HASTY } from '../../../stores/s3Client.js';
import type { Check } from '../check.js';
import { ok, problem } from '../finding.js';
import { judgeFolderOf } from '../storeFolder.js';

/**
 * Check that the flat store can be read and written to.
 * In a bucket, the check writes, reads and deletes one object under a unique name. Files of the flat store can be made
 * again, so that a test write is safe.
 */
export const flatStore: Check = {
  name: 'flat store',
  needs: 'settings',
  limitSeconds: 20,
  async look({ config, env }) {
    const folder = await judgeFolderOf(config.stores.flat, 'FLAT_STORE');
    if (folder !== null) return [folder];
    const store = openStore(config.stores.flat, env, { patience: HASTY });
    try {
      if (config.stores.flat.startsWith('file:')) await store.listFolders('');
      else {
        const key = `doctor/${randomUUID()}`;
        await store.putNew(key, Buffer.from('written by "ladepuls doctor"'));
        await store.get(key);
        await store.remove(key);
      }
      return [ok(`${store.url} can be read and written to.`)];
    } catch (error) {
      return [
        problem(
          `The flat store can't be used, so no day can be loaded: ${(error as Error).message}`,
          'Check the address in FLAT_STORE, and the store there. Polling continues.',
        ),
      ];
    } finally {
      await store.close();
    }
  },
};
