import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Store, StoredObject } from '../../../../src/stores/store.js';
import { WrappedStore } from '../../support/wrappedStore.js';

export class Killed extends Error {}

/**
 * A store as a process sees it that is killed at its n-th step: from then on nothing that it asks for is done. A step that
 * writes or removes is done or not; `after` says that the last one was, although nobody heard of it.
 */
export class FailingStore extends WrappedStore {
  /** Steps so far. */
  steps = 0;

  /** @param pause what to wait for before each step, so that others come between */
  constructor(
    store: Store,
    private readonly killAt: { step: number; after: boolean },
    private readonly pause: () => Promise<unknown> = () => setImmediate(),
  ) {
    super(store);
  }

  override async *list(prefix: string): AsyncGenerator<StoredObject> {
    for await (const object of super.list(prefix)) {
      await this.pause();
      yield object;
    }
  }

  protected override async pass<T>(work: () => Promise<T>): Promise<T> {
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
