import type { Day } from '../domain/day.js';
import { listStored, type StoredAnswer, type RawKind } from './raw.js';
import { getSingle, type RawAnswer, splitAnswer } from './rawObject.js';
import { type DamageOptions, withoutVanishing } from './sealed/generations.js';
import { SealedReaders } from './sealed/sealedReaders.js';
import type { Store } from './store.js';

/** A reader of a feed's answers of a day, as they were listed. */
export class RawDay {
  private readonly readers: SealedReaders;

  constructor(
    private readonly store: Store,
    /** Ordered by slot and time of receipt. */
    readonly objects: readonly StoredAnswer[],
  ) {
    this.readers = new SealedReaders(store);
  }

  /**
   * Read an answer. Calls may overlap. When answers are read in the listed order, each sealed object is decompressed
   * only once, also when some answers are skipped. Any other order restarts the decompression.
   *
   * @throws UnreadableObject when the stored answer is damaged
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
 * List a feed's answers of a day and call `work` with them. When an answer disappears because the day is being sealed,
 * both are repeated. Therefore `work` may run several times; only its last result counts.
 */
export async function readRawDay<T>(
  store: Store,
  kind: RawKind,
  feed: string,
  day: Day,
  work: (rawDay: RawDay) => Promise<T>,
  damage: DamageOptions = {},
): Promise<T> {
  return withoutVanishing(async () => {
    const rawDay = new RawDay(store, await listStored(store, kind, feed, day, damage));
    try {
      return await work(rawDay);
    } finally {
      await rawDay.close();
    }
  });
}
