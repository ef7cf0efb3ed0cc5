import type { Store } from '../store.js';
import { SealedReader } from './sealedReader.js';

/** A set of readers of sealed objects. Each object is opened when it is first requested. */
export class SealedReaders {
  private readonly readers = new Map<string, Promise<SealedReader>>();

  constructor(private readonly store: Store) {}

  /** Return the reader of a sealed object. Throws like {@link SealedReader.open}. */
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
