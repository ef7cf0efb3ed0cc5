import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Store, StoredObject } from '../../../../src/stores/store.js';

export class Killed extends Error {}

/**
 * A store as a process sees it that is killed at its n-th step: from then on nothing that it asks for is done. A step that
 * writes or removes is done or not; `after` says that the last one was, although nobody heard of it.
 */
export class FailingStore implements Store {
  readonly url: string;
  /** Steps so far. */
  steps = 0;

  /** @param pause what to wait for before each step, so that others come between */
  constructor(
    private readonly store: Store,
    private readonly killAt: { step: number; after: boolean },
    private readonly pause: () => Promise<unknown> = () => setImmediate(),
  ) {
    this.url = store.url;
  }

  putNew(key: string, body: Uint8Array): Promise<boolean> {
    return this.step(() => this.store.putNew(key, body));
  }

  put(key: string, body: Uint8Array): Promise<void> {
    return this.step(() => this.store.put(key, body));
  }

  putStream(key: string, body: NodeJS.ReadableStream): Promise<void> {
    return this.step(() => this.store.putStream(key, body));
  }

  putNewStream(key: string, body: NodeJS.ReadableStream): Promise<boolean> {
    return this.step(() => this.store.putNewStream(key, body));
  }

  get(key: string): Promise<Buffer> {
    return this.step(() => this.store.get(key));
  }

  getStream(key: string): Promise<NodeJS.ReadableStream> {
    return this.step(() => this.store.getStream(key));
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    await this.step(() => Promise.resolve());
    for await (const object of this.store.list(prefix)) {
      await this.pause();
      yield object;
    }
  }

  listFolders(prefix: string): Promise<string[]> {
    return this.step(() => this.store.listFolders(prefix));
  }

  remove(key: string): Promise<void> {
    return this.step(() => this.store.remove(key));
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async step<T>(work: () => Promise<T>): Promise<T> {
    await this.pause();
    this.steps++;
    if (this.steps > this.killAt.step || (this.steps === this.killAt.step && !this.killAt.after))
      throw new Killed('killed');
    const result = await work();
    if (this.steps < this.killAt.step) return result;
    if (result instanceof Readable) result.destroy(); // as the system does with what a process has open
    throw new Killed('killed');
  }
}
