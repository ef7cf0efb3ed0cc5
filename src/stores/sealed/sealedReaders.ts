import type { Store } from '../store.js';
import { SealedReader } from './sealedReader.js';

/** The sealed objects that someone reads from side by side, each opened when it is first asked for. */
export class SealedReaders {
  private readonly readers = new Map<string, Promise<SealedReader>>();

  constructor(private readonly store: Store) {}

  /** Throws what {@link SealedReader.open} does. */
  get(key: string): Promise<SealedReader> {
    const reader = this.readers.get(key) ?? SealedReader.open(this.store, key);
    this.readers.set(key, reader);
    return reader;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.readers.values());
    for (const reader of opened) if (reader.status === 'fulfilled') reader.value.close();
  }
}
