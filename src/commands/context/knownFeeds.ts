import { firstCollection } from '../../stores/collectionChange.js';
import { collectionFile, KnownCollection } from '../../stores/knownCollection.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { HASTY } from '../../stores/s3Client.js';
import { StoreGate } from '../../stores/storeGate.js';
import type { Context } from './context.js';

/**
 * Read which feeds are collected now. When the raw store does not respond, use the copy in the home directory.
 *
 * @throws the raw store's error when the store does not respond and there is no copy
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
