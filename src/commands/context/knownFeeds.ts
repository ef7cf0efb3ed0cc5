import { firstCollection } from '../../stores/collectionChange.js';
import { collectionFile, KnownCollection } from '../../stores/knownCollection.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { HASTY } from '../../stores/s3Client.js';
import { StoreGate } from '../../stores/storeGate.js';
import type { Context } from './context.js';

/**
 * Reads what is collected now. While the raw store does not answer, that is what this home knew last.
 *
 * @throws why the raw store does not answer, where this home knows nothing
 */
export async function readKnownFeeds({ config, env }: Pick<Context, 'config' | 'env'>) {
  const raw = openKnownRaw(config, { env, patience: HASTY });
  try {
    const known = new KnownCollection(raw, new StoreGate(raw.url), collectionFile(config.general.home));
    return (await known.at(Date.now())) ?? firstCollection(config.polling);
  } finally {
    await raw.close();
  }
}
