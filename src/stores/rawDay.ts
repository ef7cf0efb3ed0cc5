import type { Day } from '../domain/day.js';
import { listStored, type StoredAnswer, type RawKind } from './raw.js';
import { getSingle, type RawAnswer, splitAnswer } from './rawObject.js';
import { withoutVanishing } from './sealed/generations.js';
import { SealedReaders } from './sealed/sealedReaders.js';
import type { Store } from './store.js';

/** A feed's answers of a day, which are read as they were listed. */
export class RawDay {
  private readonly readers: SealedReaders;

  constructor(
    private readonly store: Store,
    /** In the order of slot and receipt. */
    readonly objects: readonly StoredAnswer[],
  ) {
    this.readers = new SealedReaders(store);
  }

  /**
   * Reads one of the answers. Several may be asked for at once. In the order of the listing a sealed object is
   * decompressed once, whatever is left out; another order makes it begin anew. Throws UnreadableObject.
   */
  async read({ key, sealed }: StoredAnswer): Promise<RawAnswer> {
    if (sealed === null) return splitAnswer(key, await getSingle(this.store, key));
    return (await this.readers.get(sealed.generation.key)).answer(sealed.position);
  }

  close(): Promise<void> {
    return this.readers.close();
  }
}

/**
 * Lists a feed's answers of a day and has them worked on. Where one of them vanishes meanwhile, because the day is being
 * sealed, that is done again from the listing on: so `work` may run several times, and only its last result counts.
 */
export async function readRawDay<T>(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
  work: (rawDay: RawDay) => Promise<T>,
): Promise<T> {
  return withoutVanishing(async () => {
    const rawDay = new RawDay(store, await listStored(store, kind, feed, day));
    try {
      return await work(rawDay);
    } finally {
      await rawDay.close();
    }
  });
}
