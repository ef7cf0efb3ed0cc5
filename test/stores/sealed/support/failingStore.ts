import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Store, StoredObject } from '../../../../src/stores/store.js';
import { WrappedStore } from '../../support/wrappedStore.js';

export class Killed extends Error {}

/**
 * The store of a process that is killed at its n-th step: no later step is done. With `after`, the n-th step itself is
 * done, but the process does not see its result.
 */
export class FailingStore extends WrappedStore {
  /** Number of steps so far. */
  steps = 0;

  /** @param pause awaited before each step, so that other processes can run in between */
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
    if (result instanceof Readable) result.destroy(); // the system closes what a killed process has open
    throw new Killed('killed');
  }
}
