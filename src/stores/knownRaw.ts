import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Slice } from '../settings/slice.js';
import { hasCollectionLog } from './collectionLog.js';
import { openStore, type StoreOptions } from './open.js';
import { PRIVATE } from './publish.js';
import { spoolFolder } from './spool.js';
import type { Store, StoredObject } from './store.js';

/** Milliseconds after a check of the collection log during which the store is used without another check. */
const THERE_FOR_MS = 2_000;

const knownSchema = z.object({ url: z.string() });

/** The collection log at the raw store's address has disappeared, for example because a disk is not mounted. */
class RawStoreGone extends Error {
  override name = 'RawStoreGone';
}

/** Return the file of a home that records the address at which a raw store was seen. */
export function knownRawFile(home: string): string {
  return join(spoolFolder(home), 'raw.json');
}

export interface KnownRawOptions extends StoreOptions {
  env?: NodeJS.ProcessEnv;
  /** Whether to record in the home that a raw store was seen. Default: no, which suits commands that only read. */
  remembers?: boolean;
}

/**
 * Open the raw store of a home. The store refuses all reads and writes when its address had a collection log and has
 * none now. Otherwise writes could go below the mount point of an unmounted disk, where nobody finds them later.
 */
export function openKnownRaw(
  { stores, general }: Slice<'stores.raw' | 'general.home'>,
  { env = process.env, remembers = false, ...options }: KnownRawOptions = {},
): Store {
  return new KnownRaw(openStore(stores.raw, env, options), knownRawFile(general.home), remembers);
}

/**
 * A raw store that checks before each use that its collection log is still there. Every method but `close` throws
 * {@link RawStoreGone} when the log has disappeared.
 */
export class KnownRaw implements Store {
  readonly url: string;
  private thereUntilMs = -Infinity;
  private checking: Promise<void> | undefined;
  private wasThere = false;
  private isWritten = false;

  /** @param file records the address at which a raw store was seen */
  constructor(
    private readonly raw: Store,
    private readonly file: string,
    private readonly remembers: boolean,
    /** Monotonic clock, in milliseconds. */
    private readonly now: () => number = () => performance.now(),
  ) {
    this.url = raw.url;
  }

  async putNew(key: string, body: Uint8Array): Promise<boolean> {
    await this.check();
    return this.raw.putNew(key, body);
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.check();
    await this.raw.put(key, body);
  }

  async putStream(key: string, body: NodeJS.ReadableStream): Promise<void> {
    await this.check();
    await this.raw.putStream(key, body);
  }

  async putNewStream(key: string, body: NodeJS.ReadableStream): Promise<boolean> {
    await this.check();
    return this.raw.putNewStream(key, body);
  }

  async get(key: string): Promise<Buffer> {
    await this.check();
    return this.raw.get(key);
  }

  async getStream(key: string): Promise<NodeJS.ReadableStream> {
    await this.check();
    return this.raw.getStream(key);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    await this.check();
    yield* this.raw.list(prefix);
  }

  async listFolders(prefix: string): Promise<string[]> {
    await this.check();
    return this.raw.listFolders(prefix);
  }

  async remove(key: string): Promise<void> {
    await this.check();
    await this.raw.remove(key);
  }

  close(): Promise<void> {
    return this.raw.close();
  }

  /** Check whether the raw store has a collection log. Concurrent callers share one check. */
  private async check(): Promise<void> {
    if (this.now() < this.thereUntilMs) return;
    this.checking ??= this.look().finally(() => (this.checking = undefined));
    await this.checking;
  }

  private async look(): Promise<void> {
    if (await hasCollectionLog(this.raw)) {
      this.wasThere = true;
      if (this.remembers) await this.remember();
      this.thereUntilMs = this.now() + THERE_FOR_MS;
    } else if (this.wasThere || (await this.writtenUrl()) === this.url) {
      throw new RawStoreGone(
        `${this.url} has no collection log, although it had one before. Check that its disk is mounted. ` +
          `If you want a new raw store at this address, remove the file ${this.file} and start again.`,
      );
    }
  }

  private async writtenUrl(): Promise<string | null> {
    try {
      return knownSchema.parse(JSON.parse(await readFile(this.file, 'utf8'))).url;
    } catch {
      return null;
    }
  }

  private async remember(): Promise<void> {
    if (!this.isWritten) this.isWritten = (await this.writtenUrl()) === this.url || (await this.write());
  }

  /** Write the file. Returns false when that fails, because a full local disk must not stop polls from being stored. */
  private async write(): Promise<boolean> {
    const unfinished = `${this.file}.${process.pid}`;
    try {
      await mkdir(dirname(this.file), { recursive: true, mode: PRIVATE.folder });
      await writeFile(unfinished, JSON.stringify({ url: this.url }), { flush: true, mode: PRIVATE.file });
      await rename(unfinished, this.file);
      return true;
    } catch {
      await rm(unfinished, { force: true }).catch(() => undefined);
      return false;
    }
  }
}
