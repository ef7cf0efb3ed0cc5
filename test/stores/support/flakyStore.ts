import { setTimeout as sleep } from 'node:timers/promises';
import { WrappedStore } from './wrappedStore.js';

/** A store behind a bad network: calls may fail or hang, before or after they are done. */
export class FlakyStore extends WrappedStore {
  /** Whether every call fails. */
  fails = false;
  /** Whether every other call fails. Half of the failing calls are done nevertheless. */
  flaps = false;
  /** Whether no call ends. */
  hangs = false;
  /** Keys that are always refused. */
  refuses: (key: string) => boolean = () => false;
  calls = 0;
  /** Keys in the order of writing. */
  readonly written: string[] = [];

  override async putNew(key: string, body: Uint8Array): Promise<boolean> {
    if (this.refuses(key)) throw new Error(`${key} is refused`);
    const isNew = await super.putNew(key, body);
    if (isNew) this.written.push(key);
    return isNew;
  }

  protected override async pass<T>(call: () => Promise<T>): Promise<T> {
    const number = this.calls++;
    if (this.hangs) await sleep(3_600_000, undefined, { ref: false });
    if (this.fails) throw new Error('the raw store is down');
    if (!this.flaps || number % 2 === 0) return call();
    if (number % 4 === 1) await call();
    throw new Error('the line broke');
  }
}
