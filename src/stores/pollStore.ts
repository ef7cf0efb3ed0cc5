import type { Spool } from './spool.js';
import type { Store, StoredObject } from './store.js';
import { StoreGate } from './storeGate.js';

/** How long a poll waits for the raw store: long enough for a slow one, so short that no slot is lost by it. */
const READ_LIMIT_MS = 4_000;
const WRITE_LIMIT_MS = 8_000;

/** Neither the raw store nor the spool could take an object. */
export class StoreFailed extends Error {
  override name = 'StoreFailed';
}

/**
 * The raw store as polls use it: what it can't take waits in the spool, and what waits there is read as if it had gone up.
 *
 * Unlike other stores, a listing tells of the spool alone while the raw store does not answer. So a poll may not see an answer
 * that its slot has already, and asks the feed again: several answers of a slot are allowed.
 */
export class PollStore implements Store {
  readonly url: string;
  readonly gate: StoreGate;

  /** @param spool undefined: what the raw store can't take is lost */
  constructor(
    private readonly raw: Store,
    private readonly spool: Spool | undefined,
    gate?: StoreGate,
  ) {
    this.url = raw.url;
    this.gate = gate ?? new StoreGate(raw.url);
  }

  /** Whether an object waits for the raw store; also where the spool can't be read, and may have it. */
  async isWaiting(key: string): Promise<boolean> {
    if (this.spool === undefined) return false;
    return this.spool.has(key).catch(() => true);
  }

  /** Writes an object to the raw store, else to the spool. Throws {@link StoreFailed} where neither takes it. */
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
    // What goes up meanwhile is in the raw store by the time that this is listed.
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
