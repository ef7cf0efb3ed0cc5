import type { Spool } from './spool.js';
import type { Store, StoredObject } from './store.js';
import { StoreGate } from './storeGate.js';

/**
 * Time limits of a poll for the raw store: enough for a slow store, and short enough that the poll ends in its slot.
 */
const READ_LIMIT_MS = 4_000;
const WRITE_LIMIT_MS = 8_000;

/** Neither the raw store nor the spool could store an object. */
export class StoreFailed extends Error {
  override name = 'StoreFailed';
}

/**
 * The raw store as polls use it. Objects that the raw store does not accept are written to the spool. Objects in the
 * spool are read and listed as if they were in the raw store.
 *
 * Unlike other stores, a listing contains only the spool's objects while the raw store fails. A poll may then not see
 * that its slot already has an answer, and requests the feed again. A slot may have several answers.
 */
export class PollStore implements Store {
  readonly url: string;
  readonly gate: StoreGate;

  /** @param spool undefined: objects that the raw store does not accept are lost */
  constructor(
    private readonly raw: Store,
    private readonly spool: Spool | undefined,
    gate?: StoreGate,
  ) {
    this.url = raw.url;
    this.gate = gate ?? new StoreGate(raw.url);
  }

  /**
   * Return whether an object waits in the spool. Returns true when the spool can't be read, because it may hold the
   * object.
   */
  async isWaiting(key: string): Promise<boolean> {
    if (this.spool === undefined) return false;
    return this.spool.has(key).catch(() => true);
  }

  /**
   * Write an object to the raw store or, when that fails, to the spool.
   *
   * @throws StoreFailed when neither accepts the object
   * @throws RangeError when the key is not valid
   */
  async putNew(key: string, body: Uint8Array): Promise<boolean> {
    let failure: unknown;
    try {
      return await this.gate.pass(WRITE_LIMIT_MS, () => this.raw.putNew(key, body));
    } catch (error) {
      if (error instanceof RangeError) throw error;
      failure = error;
    }
    if (this.spool === undefined) throw new StoreFailed(describe(failure), { cause: failure });
    try {
      await this.spool.put(key, body);
      return true;
    } catch (error) {
      throw new StoreFailed(`${describe(failure)}; and ${describe(error)}`, { cause: failure });
    }
  }

  async get(key: string): Promise<Buffer> {
    const waiting = await this.spool?.get(key).catch(() => undefined);
    return waiting ?? this.gate.pass(READ_LIMIT_MS, () => this.raw.get(key));
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    // The spool is listed first: an object that is moved during the listing is then found in the raw store.
    const found = new Map<string, StoredObject>();
    const waiting = this.spool && (await collect(this.spool.list(prefix)).catch(() => []));
    for (const object of waiting ?? []) found.set(object.key, object);
    try {
      const listed = await this.gate.pass(READ_LIMIT_MS, () => collect(this.raw.list(prefix)));
      for (const object of listed) found.set(object.key, object);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
    yield* [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  getStream(key: string): Promise<NodeJS.ReadableStream> {
    return this.gate.pass(READ_LIMIT_MS, () => this.raw.getStream(key));
  }

  put(key: string, body: Uint8Array): Promise<void> {
    return this.gate.pass(WRITE_LIMIT_MS, () => this.raw.put(key, body));
  }

  putStream(key: string, body: NodeJS.ReadableStream): Promise<void> {
    return this.raw.putStream(key, body);
  }

  putNewStream(key: string, body: NodeJS.ReadableStream): Promise<boolean> {
    return this.raw.putNewStream(key, body);
  }

  listFolders(prefix: string): Promise<string[]> {
    return this.gate.pass(READ_LIMIT_MS, () => this.raw.listFolders(prefix));
  }

  remove(key: string): Promise<void> {
    return this.raw.remove(key);
  }

  close(): Promise<void> {
    return this.raw.close();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
