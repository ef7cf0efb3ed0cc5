import { openKnownRaw } from '../../../stores/knownRaw.js';
import { collectionAt } from '../../../stores/collectionLog.js';
import { HASTY } from '../../../stores/s3Client.js';
import type { Check } from '../check.js';
import { ok, problem } from '../finding.js';
import { judgeFolderOf } from '../storeFolder.js';

/**
 * Check that the raw store can be read and, when it is a folder, written to.
 * There is no test write, because nothing in the raw store may ever be deleted.
 */
export const rawStore: Check = {
  name: 'raw store',
  needs: 'settings',
  limitSeconds: 20,
  async look({ config, env }) {
    const folder = await judgeFolderOf(config.stores.raw, 'RAW_STORE');
    if (folder !== null) return [folder];
    const store = openKnownRaw(config, { env, patience: HASTY });
    try {
      const collection = await collectionAt(store, Date.now());
      return [
        collection === null
          ? ok(
              `${store.url} can be read, and has no collection log yet. The first "ladepuls start" writes the collection log.`,
            )
          : ok(`${store.url} can be read; ${collection.feeds.length} feeds are in its collection log.`),
      ];
    } catch (error) {
      return [
        problem(
          `The raw store can't be read, so answers wait in the spool: ${(error as Error).message}`,
          'Check the address in RAW_STORE, and the store there. The poller uploads the answers in the spool when the store works.',
        ),
      ];
    } finally {
      await store.close();
    }
  },
};
