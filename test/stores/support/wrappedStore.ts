import type { Store, StoredObject } from '../../../src/stores/store.js';

/** A store whose calls all go through {@link pass}. */
export abstract class WrappedStore implements Store {
  readonly url: string;

  constructor(protected readonly store: Store) {
    this.url = store.url;
  }

  /** Handle a call. A listing counts as one call, made before its first object. */
  protected abstract pass<T>(call: () => Promise<T>): Promise<T>;

  putNew(key: string, body: Uint8Array): Promise<boolean> {
    return this.pass(() => this.store.putNew(key, body));
  }

  put(key: string, body: Uint8Array): Promise<void> {
    return this.pass(() => this.store.put(key, body));
  }

  putStream(key: string, body: NodeJS.ReadableStream): Promise<void> {
    return this.pass(() => this.store.putStream(key, body));
  }

  putNewStream(key: string, body: NodeJS.ReadableStream): Promise<boolean> {
    return this.pass(() => this.store.putNewStream(key, body));
  }

  get(key: string): Promise<Buffer> {
    return this.pass(() => this.store.get(key));
  }

  getStream(key: string): Promise<NodeJS.ReadableStream> {
    return this.pass(() => this.store.getStream(key));
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    await this.pass(() => Promise.resolve());
    yield* this.store.list(prefix);
  }

  listFolders(prefix: string): Promise<string[]> {
    return this.pass(() => this.store.listFolders(prefix));
  }

  remove(key: string): Promise<void> {
    return this.pass(() => this.store.remove(key));
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
