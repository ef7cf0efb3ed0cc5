import { cancellationSignal } from '@temporalio/activity';
import type { Damage } from '../../cleaning/pool.js';
import { batchesOf } from '../../domain/batches.js';
import { sealedDamaged } from './sealedDamaged.js';

/** Feeds that one thread works on in one go, while other threads work on the next feeds. */
const FEEDS_AT_ONCE = 50;

/**
 * Have threads work on feeds, in batches. Returns the results of all batches, in the order of the feeds.
 *
 * @throws ApplicationFailure `SealedDamaged` when a thread met a damaged sealed object
 */
export async function inBatches<Feed, Result>(
  feeds: readonly Feed[],
  work: (batch: Feed[], signal: AbortSignal) => Promise<Result[] | Damage>,
): Promise<Result[]> {
  const signal = cancellationSignal();
  const done = batchesOf(feeds, FEEDS_AT_ONCE).map(async (batch) => {
    const results = await work(batch, signal);
    if ('damaged' in results) throw sealedDamaged(results);
    return results;
  });
  return (await Promise.all(done)).flat();
}
