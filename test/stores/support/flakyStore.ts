import { setTimeout as sleep } from 'node:timers/promises';
import type { Store, StoredObject } from '../../../src/stores/store.js';

/** A real store on a bad line: what it is asked may fail or hang before it gets there, or after. */
export class FlakyStore implements Store {
  /** Every call fails. */
  fails = false;
  /** Every other call fails; of those, every other one has been done all the same. */
  flaps = false;
  /** No call ends. */
  hangs = false;
  /** Keys that are never taken. */
  refuses: (key: string) => boolean = () => false;
  calls = 0;
  /** Keys in the order in which they were written. */
  readonly written: string[] = [];
  readonly url: string;

  constructor(private readonly store: Store) {
    this.url = store.url;
  }

  async putNew(key: string, body: Uint8Array): Promise<boolean> {
    if (this.refuses(key)) throw new Error(`${key} is refused`);
    const isNew = await this.pass(() => this.store.putNew(key, body));
    if (isNew) this.written.push(key);
    return isNew;
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

  private async pass<T>(call: () => Promise<T>): Promise<T> {
    const number = this.calls++;
    if (this.hangs) await sleep(3_600_000, undefined, { ref: false });
    if (this.fails) throw new Error('the raw store is down');
    if (!this.flaps || number % 2 === 0) return call();
    if (number % 4 === 1) await call();
    throw new Error('the line broke');
  }
}
